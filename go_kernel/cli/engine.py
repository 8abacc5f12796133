"""`jupyter gokernel engine`: the store of built engines."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


class GoKernelEngine(GoKernelCommand):
    """The group of commands about engines."""

    name = "jupyter-gokernel engine"
    description = (
        "An engine is the Go program that is the kernel, built once for each Go. Built engines are "
        "kept in a store: the user's own, and read-only ones of the site."
    )
    subcommands = {  # noqa: RUF012 - traitlets' own attribute
        "list": (
            "go_kernel.cli.engine_list.GoKernelEngineList",
            "built engines, and who uses them",
        ),
        "build": ("go_kernel.cli.engine_build.GoKernelEngineBuild", "build one ahead of a launch"),
        "prune": ("go_kernel.cli.engine_prune.GoKernelEnginePrune", "remove those nobody uses"),
    }
    examples = """
jupyter gokernel engine list
jupyter gokernel engine build --env demo
jupyter gokernel engine prune --dry-run
"""

    def run(self) -> int:
        """Say which commands there are."""
        self.print_help()
        return 0
