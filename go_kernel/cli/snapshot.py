"""`jupyter gokernel snapshot`: what a project and its environment consist of, kept to compare."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


def _at(module: str, name: str) -> str:
    return f"go_kernel.cli.snapshot_{module}.GoKernelSnapshot{name}"


class GoKernelSnapshot(GoKernelCommand):
    """The group of commands about snapshots."""

    name = "jupyter-gokernel snapshot"
    description = (
        "A snapshot says what a Go project and its conda environment consist of: what was asked "
        "for, what is installed, the Go, go.sum and the vendor folder, the variables. It is kept "
        "beside the project and compared later, here or elsewhere."
    )
    subcommands = {  # noqa: RUF012 - traitlets' own attribute
        "create": (_at("create", "Create"), "write one"),
        "verify": (_at("verify", "Verify"), "what is no longer as it was?"),
    }
    examples = """
jupyter gokernel snapshot create --env demo
jupyter gokernel snapshot create --env demo --build ./cmd/x --sbom sbom.json
jupyter gokernel snapshot verify --env demo
"""

    def run(self) -> int:
        """Say which commands there are."""
        self.print_help()
        return 0
