"""`jupyter gokernel launch`: the help of what `go_kernel.launch` does.

The command itself never gets here: `main` hands it on at once.
"""

from __future__ import annotations

from typing import Any

from go_kernel.cli.command import GoKernelCommand


class GoKernelLaunch(GoKernelCommand):
    """Starts a kernel without a provisioner."""

    name = "jupyter-gokernel launch"
    description = (
        "Becomes the kernel of a connection file. Kernelspecs call this, for clients that know no "
        "provisioners; a person rarely does."
    )
    # Shown in the help only.
    aliases = dict(  # noqa: C408
        f=("GoKernelLaunch.connection_file", "The connection file that the client wrote."),
        config=("GoKernelLaunch.kernel", "The kernel's configuration, as in its kernel.json."),
    )
    flags = dict[Any, Any]()
    metavars = {"f": "CONNECTION_FILE", "config": "JSON"}  # noqa: RUF012
    examples = """
jupyter gokernel launch -f kernel.json --config '{"environment": "demo", "prefix": "/opt/demo"}'
"""

    def run(self) -> int:
        """Say how it is called."""
        self.print_help()
        return 2
