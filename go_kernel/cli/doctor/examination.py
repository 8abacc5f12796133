"""What `doctor` looks at, and what came of it."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from go_kernel import choose, installed
from go_kernel.cli import output, selection
from go_kernel.cli.command import GoKernelCommand
from go_kernel.cli.doctor import in_background, named
from go_kernel.findings import Finding
from go_kernel.health import offers, runner, subject
from go_kernel.health.answers import Answers
from go_kernel.health.check import Check, Kind
from go_kernel.health.context import Context, Surroundings, ignore
from go_kernel.health.fixes import project_repair
from go_kernel.health.report import Report

# What takes less says nothing in a log.
_LOG_SECONDS = 5.0


@dataclass(frozen=True)
class Asked:
    """What a command line names: an environment, a Go, a kernel, a project; "" for none."""

    environment: str = ""
    go: str = ""
    kernel: str = ""
    project: str = ""


class Examination:
    """The subjects that a command line names, the checks to run on them, and their report."""

    def __init__(
        self, command: GoKernelCommand, asked: Asked, checks: Sequence[Check], *, only: str = ""
    ):
        limits, policy = command.provisioner_settings()
        self.around = Surroundings(
            env=command.environ,
            kernel_dirs=tuple(command.kernel_dirs),
            policy=policy,
            limits=limits,
            python=Path(sys.executable),
            cwd=command.cwd,
            project=command.cwd / Path(asked.project).expanduser() if asked.project else None,
        )
        self._asked = asked
        self._command = command
        self._checks = checks
        self._only = only
        self.contexts = _selected(command, asked, self.around)
        self.report = Report()

    @property
    def only(self) -> str:
        """The checks that were asked for by their ids, as text; "" for all there are."""
        return self._only

    @property
    def is_whole(self) -> bool:
        """Whether nobody named an environment: the machine and all of them are looked at."""
        return self._asked == Asked()

    @property
    def is_static(self) -> bool:
        """Whether looking takes no time and starts nothing."""
        return all(check.kind is Kind.STATIC for check in self._checks)

    def examine(self) -> None:
        """Run the checks, with progress; the report is there then."""
        self.report = Report(tuple(self.look(self._checks, self.contexts)))

    def look(self, checks: Sequence[Check], contexts: Sequence[Context]) -> list[Finding]:
        """The findings of these checks, with fixes, and what was found the last time."""
        answers = Answers(self.around.cache, self.around.env)
        with _telling(checks, contexts) as (told, found):
            findings = in_background.run(checks, told, found)
        # What is said of one kernel alone, or of a project, is no answer for all.
        if not self._asked.kernel:
            answers.keep(one for one in findings if not one.id.startswith("project."))
        by_place = {one.subject.place: one for one in contexts}
        return [
            offers.offered(answers.with_last(one), by_place[one.environment]) for one in findings
        ]

    def of_project(self) -> list[Check]:
        """The checks of the project that was named which a repair can content."""
        return [one for one in self._checks if project_repair.ID in one.fixes]

    def afresh(self, context: Context) -> Context:
        """The same subject, with what is there by now."""
        kernels = installed.settled(installed.find(self.around.kernel_dirs), self.around.env)
        target = context.subject.target
        now = subject.of(target, kernels) if target else subject.machine(kernels)
        if self._asked.kernel:
            folders = [one.folder for one in context.subject.kernels]
            now = replace(now, kernels=tuple(k for k in now.kernels if k.folder in folders))
        return Context(now, self.around)

    def words_for(self, context: Context) -> str:
        """The options that name a subject; "" for the machine, or where there are none."""
        found = context.subject
        if self._asked.kernel:
            return f"--kernel {shlex.quote(self._asked.kernel)}"
        if found.target is None:
            return ""
        if found.target.prefix is None:
            return f"--go {shlex.quote(found.place)}"
        short = named.leads_to(self._command, found.name, found.target)
        return f"--env {shlex.quote(found.name if short else found.place)}"


def _selected(command: GoKernelCommand, asked: Asked, around: Surroundings) -> list[Context]:
    kernels = installed.settled(installed.find(around.kernel_dirs), around.env)
    if asked.kernel:
        named_one = installed.named(asked.kernel, around.kernel_dirs)
        settings = selection.config_of(command, asked.kernel)
        kernel, target = replace(named_one, config=settings), settings.target
        return [Context(subject.of(target, kernels), around).of_kernel(kernel)]
    if asked.environment:
        target = named.environment(command, asked.environment)
    elif asked.go:
        target = named.go(command, asked.go)
    elif asked.project:
        chosen = choose.default_of_any(
            command.environ, command.cwd, embedded=choose.embedded_goroot()
        )
        output.say(chosen.why)
        target = chosen.target
        own = named.of_project(command, command.cwd / Path(asked.project).expanduser())
        if own is not None and own.place != target.place:
            words = f"--env {shlex.quote(own.name)} --project {shlex.quote(str(around.project))}"
            output.say(
                f"The project's environment is {own.name}; its Go looks with "
                f"`jupyter gokernel doctor {words}`."
            )
    else:
        every = subject.everything(command.environ, kernels, command.cwd)
        return [Context(one, around) for one in every]
    return [Context(subject.of(target, kernels), around)]


class _Teller:
    """Says which check of how many is done; called from several threads."""

    def __init__(self, line: output.Line, names: dict[str, str], total: int):
        self._line, self._names, self._total = line, names, total
        self._done, self._began = 0, time.monotonic()

    def __call__(self, finding: Finding) -> None:
        self._done += 1
        count = f"{min(self._done, self._total)} of {self._total}"
        if sys.stderr.isatty():
            where = self._names.get(finding.environment, "")
            self._line(f"{count}: {where}: {finding.id}")
        elif time.monotonic() - self._began > _LOG_SECONDS:
            self._line(f"{count} checks")  # numbers alone are told now and then


@contextmanager
def _telling(
    checks: Sequence[Check], contexts: Sequence[Context]
) -> Iterator[tuple[list[Context], Callable[[Finding], None]]]:
    """Contexts that tell their progress, and what to call with each finding.

    Static checks are too fast to be worth lines in a log.
    """
    live = any(check.kind is Kind.LIVE for check in checks)
    if not (live or sys.stderr.isatty()):
        yield [replace(one, progress=ignore) for one in contexts], lambda finding: None
        return
    total = sum(runner.applies(check, one) for check in checks for one in contexts)
    names = {one.subject.place: one.subject.name for one in contexts}
    with output.progress("doctor") as line:
        told = [replace(one, progress=_named(line, one.subject.name)) for one in contexts]
        yield told, _Teller(line, names, total)


def _named(line: output.Line, name: str) -> Callable[[str], None]:
    return lambda text: line(f"{name}: {text}")
