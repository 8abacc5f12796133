"""The server's own program, found before an environment's folders come first on PATH.

An environment may hold a `jupyterhub-singleuser` of its own, which is another Python's
and another JupyterHub's.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from go_kernel.hub.errors import NoServerCommand


def found(argv: Sequence[str], path: str) -> list[str]:
    """The same command with its program's whole path; raises NoServerCommand."""
    if not argv or "/" in argv[0]:
        return list(argv)
    program = shutil.which(argv[0], path=path)
    if program is None:
        raise NoServerCommand(argv[0])
    return [program, *argv[1:]]
