"""The repairs: a fixed list, each previewed before it is done.  Nobody can hand in a command."""
