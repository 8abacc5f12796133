"""`jupyter gokernel check`: is a project's text in order, and does the environment suit it?"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

from traitlets import Unicode

from go_kernel import choose
from go_kernel.cache import Cache
from go_kernel.cli import output, project_folder, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import UsageError
from go_kernel.findings import Finding, FindingError
from go_kernel.folders import cache_folder
from go_kernel.project.checking import subject as subjects
from go_kernel.project.checking.check import Checked, check
from go_kernel.project.checking.subject import Settings, Subject
from go_kernel.resolve import Target

_SHOWN = 50


class GoKernelCheck(GoKernelCommand):
    """Checks a project and its environment."""

    name = "jupyter-gokernel check"
    description = (
        "Checks a Go project, for a commit or in CI. The exit code is 101 where a file isn't "
        "well-formed: Go sources as the environment's gofmt (or its gofumpt, where it has one) "
        "formats them, go.mod, go.sum, go.work, environment.yml, conda-lock.yml, the rules of "
        "`lock` and the snapshot; or where Go can't load the modules, since lines of go.sum, "
        "replaced folders or vendored modules are missing. Else it is 201 where the environment "
        "is not the one that the project asks for: its Go, packages, platform or "
        "fingerprint. Without --env it takes the active environment; where none is, the Go "
        "embedded in this Python, else the newest Go found. Nothing of the "
        "project is run, nothing is written. The exit code is 2 for a "
        "command line that can't be meant, and 1 where a question can't be answered."
    )
    examples = """
jupyter gokernel check                           # this folder, the active environment
jupyter gokernel check path/to/project --env demo
jupyter gokernel check --json
"""
    aliases = SHARED_ALIASES | {"env": ("GoKernelCheck.environment", selection.ENV_HELP)}
    flags = JSON_FLAG | SHARED_FLAGS
    metavars = SHARED_METAVARS | {"env": "NAME-or-PATH"}
    words = "[DIR]"
    words_allowed = (0, 1)
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")

    def run(self) -> int:
        """Check it; 0, 101 or 201."""
        folder = Path(os.path.realpath(project_folder.of(self)))
        subject = self._subject()
        with output.progress("check") as line:
            # In a hook's or a job's log there shall stand what is wrong and nothing else.
            watched = sys.stderr.isatty()
            checked = check(folder, subject, line if watched else lambda _: None)
        if not (checked.sources or checked.files or checked.violations):
            raise UsageError(
                f"There is nothing to check: {folder} holds no Go file, no go.mod and no "
                "environment.yml, and no folder above it a go.mod or go.work.",
                "Name the folder of a project.",
            )
        if self.as_json:
            output.print_json(checked.to_dict())
        else:
            _report(checked)
        return checked.code

    def _subject(self) -> Subject:
        """The environment that is named or active, else whatever Go there is; says which."""
        limits, policy = self.provisioner_settings()
        settings = Settings(
            self.environ, Cache(cache_folder(self.environ)), policy, limits.activation
        )
        target = self._target()
        found = subjects.of(target, settings) if target else ()
        if isinstance(found, Subject):
            return found
        other = self._any_go(settings, found)
        if target is None or target.prefix is None:
            return other
        return subjects.with_another_go(target.prefix, found, other)

    def _target(self) -> Target | None:
        if self.environment:
            return selection.environment(self, self.environment)
        target = choose.active(self.environ, self.cwd)
        if target is not None:
            output.say(f"The active environment {target.name} is used.")
        return target

    def _any_go(self, settings: Settings, errors: tuple[Finding, ...]) -> Subject:
        """A Go that answers where the environment's can't; raises NoGo, FindingError."""
        inactive = {name: value for name, value in self.environ.items() if name != "CONDA_PREFIX"}
        chosen = choose.default_of_any(inactive, self.cwd, embedded=choose.embedded_goroot())
        found = subjects.of(chosen.target, settings)
        if not isinstance(found, Subject):
            raise FindingError((*errors, *found)[0])
        if not errors:
            output.say(chosen.why)
        return Subject(None, found.own, (), found.toolchain, found.go, found.go_sha256)


def _report(checked: Checked) -> None:
    for one in checked.violations[:_SHOWN]:
        print(output.printable(str(one)))
    if (more := len(checked.violations) - _SHOWN) > 0:
        print(f"... and {more} more: --json has them all.")
    for note in checked.notes:
        output.say(f"Note: {note}")
    if not checked.violations:
        print(output.printable(_fine(checked)))


def _fine(checked: Checked) -> str:
    sources = f"{checked.sources} Go file{'s' * (checked.sources != 1)}"
    counted = Counter(Path(name).name for name in checked.files)
    files = "".join(f", {name}" if n == 1 else f", {n} {name}" for name, n in counted.items())
    said = f"{checked.folder} is in order ({sources} by {checked.formatter.name}{files})"
    return f"{said}{_met(checked)}"


def _met(checked: Checked) -> str:
    """What was compared with the environment: no more than files ask for."""
    subject = checked.subject
    own = subject.prefix or subject.toolchain.goroot
    if checked.asks:
        return f", and {own} is what it asks for."
    if checked.lines:
        return f", and the Go {subject.toolchain.version} of {own} is new enough for it."
    return "; it asks for no environment."
