"""The peers: other kernels, and other ways of starting one, each pinned and built here."""
