"""JupyterHub: every user their own Go.

`GoSpawnerMixin` goes before a spawner's class; `spawners` has ready ones.  `check` looks at
a configuration before the Hub starts.  Nothing of JupyterHub is imported here, so that a
configuration can be read without it.
"""

from __future__ import annotations

from go_kernel.hub.checking import check
from go_kernel.hub.mixin import GoSpawnerMixin

__all__ = ["GoSpawnerMixin", "check"]
