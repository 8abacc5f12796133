"""`jupyter gokernel hooks remove`: take hooks out of an environment."""

from __future__ import annotations

from traitlets import Unicode

from go_kernel.cli import output, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.hooks import conda_target
from go_kernel.hooks.files import remove


class GoKernelHooksRemove(GoKernelCommand):
    """Removes hooks."""

    name = "jupyter-gokernel hooks remove"
    description = (
        "Takes the hooks out of a conda environment, with the folders that were made for them. "
        "Scripts of packages stay. A shell in which the environment is active keeps its "
        "variables until it ends."
    )
    examples = """
jupyter gokernel hooks remove --env demo
"""
    aliases = SHARED_ALIASES | {
        "env": ("GoKernelHooksRemove.environment", selection.ENV_HELP),
    }
    flags = JSON_FLAG | SHARED_FLAGS
    metavars = SHARED_METAVARS | {"env": "NAME-or-PATH"}

    environment = Unicode(config=True, help="The environment's name or path.")

    def run(self) -> int:
        """Remove them."""
        target = conda_target(self, self.environment)
        removed = remove(target.place)
        if self.as_json:
            output.print_json(
                {"prefix": str(target.place), "removed": [str(file) for file in removed]}
            )
        elif removed:
            print(output.printable(f"Removed the hooks of {target.name}: {len(removed)} scripts"))
        else:
            output.say(f"There are no hooks in {target.place}.")
        return 0
