"""`jupyter gokernel create`: a conda environment with Go, and its kernel."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from traitlets import List, Unicode

from go_kernel import choose, placement
from go_kernel.cli import installing, output
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import UsageError
from go_kernel.conda.create import create_environment
from go_kernel.conda.discovery import find_environments
from go_kernel.conda.registration import InstalledPackage
from go_kernel.findings import Findings
from go_kernel.install import Request
from go_kernel.installed import same_folder

# A plain version stands for its whole series (1.26 takes 1.26.8); operators are conda's.
_VERSION = re.compile(r"[0-9][0-9A-Za-z.]*\*?")
_CONSTRAINT = re.compile(r"(?:[<>=!~]=?[0-9][0-9A-Za-z.]*\*?,?)+")


class GoKernelCreate(GoKernelCommand):
    """Makes an environment."""

    name = "jupyter-gokernel create"
    description = (
        "Makes a conda environment with Go in it, where conda would make it, and installs its "
        "kernel. No conda is needed; the part that solves and downloads is installed with "
        "`pip install 'jupyter-gokernel[conda]'`."
    )
    words = "NAME"
    words_allowed = (0, 1)
    examples = """
jupyter gokernel create demo
jupyter gokernel create demo --go 1.26 -c conda-forge
jupyter gokernel create --prefix ./env --go '>=1.25'
"""
    aliases = SHARED_ALIASES | {
        "go": ("GoKernelCreate.go", "The version of Go: 1.26, 1.26.8, '>=1.25'; else the newest."),
        ("c", "channel"): (
            "GoKernelCreate.channels",
            "A channel: a name, a URL or a folder. May be repeated; else conda-forge.",
        ),
        "prefix": ("GoKernelCreate.prefix", "The new environment's folder, instead of a NAME."),
    }
    flags = JSON_FLAG | SHARED_FLAGS
    metavars = SHARED_METAVARS | {
        "go": "VERSION",
        "channel": "CHANNEL",
        "prefix": "PATH",
    }
    uses_provisioner_config = True

    go = Unicode(config=True, help="The version of Go.")
    channels = List(Unicode(), ["conda-forge"], config=True, help="Channels, the first preferred.")
    prefix = Unicode(config=True, help="The new environment's folder.")

    def parse_command_line(self, argv: Any = None) -> None:
        """As for any command; raises UsageError, also for what people may expect of `install`."""
        if "--offline" in (argv or ()):
            raise UsageError(
                "create has no --offline: it downloads the environment's packages.",
                "Make it of a channel in a folder (-c FOLDER), then `jupyter gokernel install "
                "--env NAME --offline`; a bundle may bring a Go, which needs no environment.",
            )
        super().parse_command_line(argv)

    def run(self) -> int:
        """Make it, then install its kernel."""
        prefix = self._place()
        packages = self._create(prefix)
        self._say_namesakes(prefix)
        target = choose.environment(str(prefix), self.environ, self.cwd)
        where = installing.destination(self, user=True, sys_prefix=False, prefix="")
        if not self.as_json:
            print(output.printable(f"Made the conda environment {target.name} in {prefix}"))
        outcomes = installing.install_each(self, [Request(target)], where)
        installing.report(self, outcomes, where)
        if self.as_json:
            environment = {
                "name": target.name,
                "prefix": str(prefix),
                "packages": [str(package) for package in packages],
            }
            kernels = [installing.plain(outcome) for outcome in outcomes]
            output.print_json({"environment": environment, "kernels": kernels})
        return 0

    def _place(self) -> Path:
        if self.extra_args and self.prefix:
            raise UsageError(
                "Give either a NAME or a --prefix, not both.", f"Try `{self.command} --help`."
            )
        if not self.extra_args and not self.prefix:
            raise UsageError(
                "Give the new environment either a NAME or a --prefix.",
                f"Try `{self.command} --help`.",
            )
        if self.prefix:
            return Path(os.path.normpath((self.cwd / self.prefix).expanduser()))
        name = placement.check_name(self.extra_args[0])
        return placement.folder_for_new(self.environ) / name

    def _say_namesakes(self, prefix: Path) -> None:
        places = find_environments(self.environ, cwd=self.cwd)
        own = next((one.name for one in places if same_folder(one.prefix, prefix)), "")
        others = [
            str(one.prefix)
            for one in places
            if one.name == own and not same_folder(one.prefix, prefix)
        ]
        if others:
            output.say(
                f"warn: {own} is now the name of {', '.join(others)}, too: give --env the path."
            )

    def _create(self, prefix: Path) -> list[InstalledPackage]:
        findings = Findings()
        with output.progress(prefix.name) as line:
            packages = create_environment(
                prefix,
                [_spec(self.go)],
                self.channels,
                env=self.environ,
                progress=line,
                findings=findings,
                command=["jupyter", "gokernel", "create", *self.argv],
            )
        for finding in findings.items:
            output.say_finding(finding)
        return packages


def _spec(version: str) -> str:
    if not version:
        return "go"
    if _VERSION.fullmatch(version):
        return f"go={version}"
    if _CONSTRAINT.fullmatch(version):
        return f"go{version}"
    raise UsageError(f"{version!r} is no version of Go.", "Write it as 1.26, 1.26.8 or '>=1.25'.")
