"""`jupyter gokernel lock`: Go's modules and conda's packages, locked together."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


def _at(module: str, name: str) -> str:
    return f"go_kernel.cli.lock_{module}.GoKernelLock{name}"


class GoKernelLock(GoKernelCommand):
    """The group of commands about locks."""

    name = "jupyter-gokernel lock"
    description = (
        "go.mod and go.sum lock Go's modules, conda-lock.yml conda's packages. These commands keep "
        "both in step: which Go go.mod asks for and which one is locked, and versions of modules "
        "whose library or program comes as a conda package, by the rules in gokernel-lock.yml. "
        "The state in which both agreed is noted in conda-lock's own custom metadata."
    )
    subcommands = {  # noqa: RUF012 - traitlets' own attribute
        "status": (_at("status", "Status"), "which versions do both sides name?"),
        "sync": (_at("sync", "Sync"), "bring one side to the other's versions"),
        "verify": (_at("verify", "Verify"), "is everything as it was locked?"),
    }
    examples = """
jupyter gokernel lock status
jupyter gokernel lock sync --dry-run
jupyter gokernel lock verify
"""

    def run(self) -> int:
        """Say which commands there are."""
        self.print_help()
        return 0
