"""`jupyter gokernel env`: the variables a kernel gets, and where they come from."""

from __future__ import annotations

import sys

from traitlets import Bool, Unicode

from go_kernel import git_rules, resolve, shells
from go_kernel.cache import Cache
from go_kernel.cli import explained, output, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED, UsageError
from go_kernel.environment import GoEnvironment
from go_kernel.findings import Status
from go_kernel.folders import cache_folder
from go_kernel.variables import masked


class GoKernelEnv(GoKernelCommand):
    """Shows the variables of a kernel."""

    name = "jupyter-gokernel env"
    description = (
        "Shows the variables that a kernel of an environment gets, as it would get them: the "
        "environment's activation scripts run for that where their outcome isn't known yet. "
        "Without --env or --kernel it takes the active environment, else the Go embedded in this "
        "Python, else a bundle's, else the newest Go found. Passwords and tokens are masked, but "
        "for --shell."
    )
    examples = """
jupyter gokernel env --env demo
jupyter gokernel env --env demo --explain                # every variable and its origin
jupyter gokernel env --kernel go-demo --json
eval "$(jupyter gokernel env --env demo --shell sh)"     # sh, bash, zsh
jupyter gokernel env --env demo --shell fish | source    # fish
jupyter gokernel env --env demo --shell tcsh > vars.csh; source vars.csh
"""
    aliases = SHARED_ALIASES | {
        "env": ("GoKernelEnv.environment", selection.ENV_HELP),
        "kernel": ("GoKernelEnv.kernel", "An installed kernel, with its own settings."),
        "shell": ("GoKernelEnv.shell", "Print commands for this shell, with true values."),
    }
    flags = (
        {
            "explain": ({"GoKernelEnv": {"explain": True}}, "Say where each variable comes from."),
            "afresh": ({"GoKernelEnv": {"afresh": True}}, "Run the activation scripts anew."),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {
        "env": "NAME-or-PATH",
        "kernel": "NAME",
        "shell": "sh|fish|tcsh",
    }
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")
    kernel = Unicode(config=True, help="An installed kernel's name.")
    shell = Unicode(config=True, help="Print commands for sh, fish or tcsh.")
    explain = Bool(False, config=True, help="Say where each variable comes from.")
    afresh = Bool(False, config=True, help="Run the activation scripts anew.")

    def run(self) -> int:
        """Show them."""
        selection.one_of(json=self.as_json, explain=self.explain, shell=self.shell)
        if self.shell and self.shell not in shells.SHELLS:
            raise UsageError(
                f"{self.shell!r} is no shell that is known here.",
                f"Give --shell one of {', '.join(shells.SHELLS)}.",
            )
        found = self._resolved()
        if self.as_json:
            findings = [finding.to_dict() for finding in found.findings]
            git = [rule.to_dict() for rule in git_rules.rules(found.as_dict()).rules]
            output.print_json({"variables": found.explained(), "git": git, "findings": findings})
        elif self.explain:
            explained.print_explained(found, git_rules.rules(found.as_dict()))
        else:
            self._print_variables(found)
        return FAILED if found.errors else 0

    def _resolved(self) -> GoEnvironment:
        selected = selection.any_go(self, self.environment, self.kernel)
        limits, policy = self.provisioner_settings()
        if selected.portable:
            policy = resolve.Policy()
        return resolve.resolve(
            selected.target,
            self.environ,
            cache=Cache(cache_folder(self.environ)),
            policy=policy.above(selected.settings, offline=selected.offline),
            timeout=limits.activation,
            afresh=self.afresh,
        ).environment

    def _print_variables(self, found: GoEnvironment) -> None:
        values = found.about_go(self.environ)
        if self.shell:
            # As they are, and a file's name may be any bytes.
            sys.stdout.reconfigure(errors="surrogateescape")  # type: ignore[union-attr]
            for line in shells.commands(self.shell, values):
                print(line)
        else:
            for name, value in values.items():
                if value is not None:
                    print(f"{name}={output.printable(masked(name, value))}")
        for finding in found.findings:
            if finding.status in (Status.WARN, Status.ERROR):
                output.say_finding(finding)
