"""What Go means when it fails to get a module: one table, read here and by the engines.

`table.json` holds the causes in the order in which they are looked for, each with a pattern
that Python's `re` and Go's `regexp` read alike (ASCII classes, no look-around).  `table.py` and
`causes.py` read it for us, the Go files beside it for the kernels, which embed it.
"""

from go_kernel.goerrors.causes import Cause, explain

__all__ = ["Cause", "explain"]
