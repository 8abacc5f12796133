"""`jupyter gokernel bundle`: what kernels need of a network, carried to where there is none."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


def _at(module: str, name: str) -> str:
    return f"go_kernel.cli.bundle_{module}.GoKernelBundle{name}"


class GoKernelBundle(GoKernelCommand):
    """The group of commands about bundles."""

    name = "jupyter-gokernel bundle"
    description = (
        "A bundle holds everything that kernels would fetch: modules of engines and of projects, "
        "and a Go where that is wanted. It is made where there is a network, and used where there "
        "is none."
    )
    subcommands = {  # noqa: RUF012 - traitlets' own attribute
        "create": (_at("create", "Create"), "make one, where there is a network"),
        "verify": (_at("verify", "Verify"), "is it whole?"),
        "use": (_at("use", "Use"), "unpack one, and let kernels use it"),
        "list": (_at("list", "List"), "bundles that kernels use"),
        "remove": (_at("remove", "Remove"), "remove one"),
    }
    examples = """
jupyter gokernel bundle create --project . -o course.gokernel.tar.zst
jupyter gokernel bundle verify course.gokernel.tar.zst
jupyter gokernel bundle use course.gokernel.tar.zst
"""

    def run(self) -> int:
        """Say which commands there are."""
        self.print_help()
        return 0
