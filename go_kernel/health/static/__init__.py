"""Checks that read files and start no process: fast enough for all environments at once."""
