"""`jupyter gokernel hooks`: an environment's Go for the shells that activate it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from go_kernel import choose
from go_kernel.cli import output, selection
from go_kernel.cli.command import GoKernelCommand
from go_kernel.cli.errors import UsageError
from go_kernel.hooks.installed import State
from go_kernel.hooks.wanted import Hooks
from go_kernel.resolve import Target
from go_kernel.variables import masked


def _at(module: str, name: str) -> str:
    return f"go_kernel.cli.hooks_{module}.GoKernelHooks{name}"


class GoKernelHooks(GoKernelCommand):
    """The group of commands about hooks."""

    name = "jupyter-gokernel hooks"
    description = (
        "Hooks are scripts in a conda environment that `conda activate` runs: they give bash, "
        "zsh, dash, fish and tcsh the environment's Go, refuse one that changed, and give back on "
        "`conda deactivate` what was set before."
    )
    subcommands = {  # noqa: RUF012 - traitlets' own attribute
        "install": (_at("install", "Install"), "put them into an environment"),
        "remove": (_at("remove", "Remove"), "take them out again"),
        "show": (_at("show", "Show"), "what they set, and whether they hold"),
    }
    examples = """
jupyter gokernel hooks install --env demo
jupyter gokernel hooks show --env demo
jupyter gokernel hooks remove --env demo
"""

    def run(self) -> int:
        """Say which commands there are."""
        self.print_help()
        return 0


def conda_target(command: GoKernelCommand, env: str) -> Target:
    """The conda environment of this name or path, else the active one, which is said.

    Raises as `choose.environment`, and UsageError where none is active.
    """
    if env:
        return selection.environment(command, env)
    target = choose.active(command.environ, command.cwd)
    if target is None:
        raise UsageError(
            "No environment was named, and none is active.",
            "Name one with --env; `jupyter gokernel envs` lists them.",
        )
    output.say(f"The active environment {target.name} is used.")
    return target


def plain(prefix: Path, state: State, hooks: Hooks | None) -> dict[str, Any]:
    """Hooks as JSON has them."""
    return {
        "prefix": str(prefix),
        "state": state.value,
        "go": str(hooks.go) if hooks else None,
        "stamp": {"size": hooks.stamp.size, "mtime": hooks.stamp.mtime} if hooks else None,
        "variables": [
            {"name": one.name, "value": _shown(one.name, one.value), "origin": one.origin}
            for one in (hooks.variables if hooks else ())
        ],
    }


def rows(hooks: Hooks) -> list[tuple[str, str, str]]:
    """A row for each variable."""
    return [
        (one.name, _shown(one.name, one.value) or "(unset)", one.origin) for one in hooks.variables
    ]


COLUMNS = ("NAME", "VALUE", "SET BY")


def _shown(name: str, value: str | None) -> str | None:
    return None if value is None else masked(name, value)
