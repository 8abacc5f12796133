"""`jupyter gokernel bundle list`."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


class GoKernelBundleList(GoKernelCommand):
    """Bundles: list."""

    name = "jupyter-gokernel bundle list"
    description = "Bundles: list."
    examples = "jupyter gokernel bundle list"

    def run(self) -> int:
        """Not there yet."""
        raise NotImplementedError
