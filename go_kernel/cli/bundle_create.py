"""`jupyter gokernel bundle create`."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


class GoKernelBundleCreate(GoKernelCommand):
    """Bundles: create."""

    name = "jupyter-gokernel bundle create"
    description = "Bundles: create."
    examples = "jupyter gokernel bundle create"

    def run(self) -> int:
        """Not there yet."""
        raise NotImplementedError
