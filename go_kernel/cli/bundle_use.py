"""`jupyter gokernel bundle use`."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


class GoKernelBundleUse(GoKernelCommand):
    """Bundles: use."""

    name = "jupyter-gokernel bundle use"
    description = "Bundles: use."
    examples = "jupyter gokernel bundle use"

    def run(self) -> int:
        """Not there yet."""
        raise NotImplementedError
