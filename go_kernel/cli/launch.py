"""`jupyter gokernel launch`: the help of what `go_kernel.launch` does.

The command itself never gets here: `main` hands it on at once.
"""

from __future__ import annotations

from typing import Any

from go_kernel.cli.command import GoKernelCommand

# For the help only: `go_kernel.launch` reads the command line itself.
_SHOWN_ALIASES: dict[Any, Any] = {
    "f": ("GoKernelLaunch.connection_file", "The connection file that the client wrote."),
    "config": ("GoKernelLaunch.kernel", "The kernel's configuration, as in its kernel.json."),
}
_SHOWN_METAVARS = {"f": "CONNECTION_FILE", "config": "JSON"}
_NO_FLAGS: dict[Any, Any] = {}


class GoKernelLaunch(GoKernelCommand):
    """Starts a kernel without a provisioner."""

    name = "jupyter-gokernel launch"
    description = (
        "Becomes the kernel of a connection file. Kernelspecs call this, for clients that know no "
        "provisioners; a person rarely does."
    )
    aliases = _SHOWN_ALIASES
    flags = _NO_FLAGS
    metavars = _SHOWN_METAVARS
    examples = """
jupyter gokernel launch -f kernel.json --config '{"environment": "demo", "prefix": "/opt/demo"}'
"""

    def run(self) -> int:
        """Say how it is called."""
        self.print_help()
        return 2
