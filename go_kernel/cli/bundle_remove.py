"""`jupyter gokernel bundle remove`."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


class GoKernelBundleRemove(GoKernelCommand):
    """Bundles: remove."""

    name = "jupyter-gokernel bundle remove"
    description = "Bundles: remove."
    examples = "jupyter gokernel bundle remove"

    def run(self) -> int:
        """Not there yet."""
        raise NotImplementedError
