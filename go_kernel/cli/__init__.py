"""The command line: one file a command, results first, printing last."""
