"""Go notebooks on exactly one conda environment's Go."""

from go_kernel._version import __version__

__all__ = ["__version__"]
