"""The server extension: checks, fixes and a kernel's variables over REST.

Jupyter Server imports this for every user at every start, so nothing else is imported
here, nor before the server loads the extension.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Where Jupyter Server finds the extension."""
    from go_kernel.server.extension import GoKernelServer

    return [{"module": "go_kernel.server", "app": GoKernelServer}]
