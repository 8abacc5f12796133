"""`jupyter gokernel hooks show`: what an environment's hooks set, and whether they hold."""

from __future__ import annotations

import shlex
import sys

from traitlets import Unicode

from go_kernel.cli import output, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED, UsageError
from go_kernel.cli.hooks import COLUMNS, conda_target, plain, rows
from go_kernel.hooks import installed, scripts
from go_kernel.hooks.installed import InstalledHooks, State
from go_kernel.shells import SHELLS

# Which script a shell reads, by what people call it.
_SCRIPTS = {"bash": "sh", "zsh": "sh", "dash": "sh", "csh": "tcsh"} | {one: one for one in SHELLS}


class GoKernelHooksShow(GoKernelCommand):
    """Shows hooks."""

    name = "jupyter-gokernel hooks show"
    description = (
        "Shows what the hooks of a conda environment set, and says whether they hold: whether "
        "the scripts are as they were written, and `go` is the one that they were made for. Ends "
        "with 1 where they don't, and where there are none."
    )
    examples = """
jupyter gokernel hooks show --env demo
jupyter gokernel hooks show --env demo --shell fish      # the script itself
"""
    aliases = SHARED_ALIASES | {
        "env": ("GoKernelHooksShow.environment", selection.ENV_HELP),
        "shell": ("GoKernelHooksShow.shell", "Print the script that activation runs there."),
    }
    flags = JSON_FLAG | SHARED_FLAGS
    metavars = SHARED_METAVARS | {"env": "NAME-or-PATH", "shell": "bash|zsh|dash|fish|tcsh"}

    environment = Unicode(config=True, help="The environment's name or path.")
    shell = Unicode(config=True, help="Print the script for this shell.")

    def run(self) -> int:
        """Show them."""
        selection.one_of(json=self.as_json, shell=self.shell)
        if self.shell and self.shell not in _SCRIPTS:
            raise UsageError(
                f"{self.shell!r} is no shell that hooks know.",
                f"Give --shell one of {', '.join(_SCRIPTS)}.",
            )
        found = installed.look(conda_target(self, self.environment).place)
        if self.as_json:
            problem = found.finding.to_dict() if found.finding else None
            files = [str(found.prefix / file) for file in found.files]
            told = plain(found.prefix, found.state, found.hooks)
            output.print_json({**told, "files": files, "problem": problem})
        else:
            self._print(found)
        if found.finding:
            output.say_finding(found.finding)
        return FAILED if found.finding or found.state is State.NONE else 0

    def _print(self, found: InstalledHooks) -> None:
        if found.state is State.NONE:
            command = f"jupyter gokernel hooks install --env {shlex.quote(str(found.prefix))}"
            output.say(f"There are no hooks in {found.prefix}; `{command}` puts them there.")
        elif self.shell:
            script = installed.read(found.prefix / scripts.place_of(_SCRIPTS[self.shell]))
            # As it is, and a path may be any bytes.
            sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
            print(script.decode("utf-8", "surrogateescape"), end="")
        elif found.hooks:
            output.print_table(COLUMNS, rows(found.hooks), "They set nothing.")
