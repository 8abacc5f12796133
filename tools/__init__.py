"""What developers run: toolchains, a local conda channel, the demo.  Not installed."""
