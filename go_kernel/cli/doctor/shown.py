"""What `doctor` prints for people: environment by environment, the worst first."""

from __future__ import annotations

import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from go_kernel.cli import output
from go_kernel.cli.doctor.examination import Examination
from go_kernel.findings import Finding, Status
from go_kernel.health.context import Context
from go_kernel.health.fixes import project_repair
from go_kernel.health.report import Report

_ICONS = MappingProxyType(
    {
        Status.OK: ("\u2713", "green"),
        Status.INFO: ("i", "blue"),
        Status.WARN: ("!", "yellow"),
        Status.ERROR: ("\u2717", "bold red"),
        Status.UNKNOWN: ("?", "magenta"),
        Status.SKIPPED: ("-", "dim"),
    }
)
_WORST_FIRST = (Status.ERROR, Status.WARN, Status.UNKNOWN, Status.INFO, Status.OK, Status.SKIPPED)
_QUIET = (Status.OK, Status.SKIPPED)
_EVIDENCE = (Status.ERROR, Status.WARN, Status.UNKNOWN)
_EVIDENCE_LINES = 8
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


@dataclass(frozen=True)
class Line:
    """One line: how far it is indented, its words, its style, and a mark that has the style then.

    Words that don't fit on a terminal go on under themselves, not under the mark; but a
    command stays in one piece, so that it can be copied.
    """

    indent: int
    text: str
    style: str = ""
    mark: str = ""
    is_command: bool = False


def show(looked: Examination, *, show_all: bool = False) -> None:
    """Print the whole report, on stdout."""
    for context in looked.contexts:
        mine = [one for one in looked.report.findings if one.environment == context.subject.place]
        if looked.is_whole and not mine:
            continue  # the checks that were asked for have nothing to look at here
        _print(_of_subject(context, mine, looked, show_all))
    counted = [
        one
        for one in looked.report.findings
        if show_all or one.status in _QUIET or not _is_left_out(one, looked)
    ]
    _print(_summary(Report(tuple(counted)), looked))


def show_findings(findings: Iterable[Finding]) -> None:
    """Print some findings, whatever their status: what came of a fix."""
    for finding in findings:
        _print(_of_finding(finding, "", full=False))


def print_block(title: str, lines: Iterable[str]) -> None:
    """Print a title, and lines below it."""
    _print([Line(0, title, "bold"), *(Line(4, line) for line in lines)])


def _of_subject(
    context: Context, findings: list[Finding], looked: Examination, show_all: bool
) -> Iterator[Line]:
    found = context.subject
    version = context.spoken_go
    name = "" if version == f"Go {found.name}" else found.name
    yield Line(0, "  ".join(filter(None, (name, version, found.place))), "bold")
    shown = [one for one in findings if show_all or not _is_left_out(one, looked)]
    for finding in sorted(shown, key=lambda one: _WORST_FIRST.index(one.status)):
        command = (
            _fix_command(finding, looked.words_for(context), str(looked.around.project))
            if finding.fix
            else ""
        )
        yield from _of_finding(finding, command, full=show_all)
    quiet = Counter(one.status for one in findings if one.status in _QUIET)
    if not show_all and quiet:
        said = f"{quiet[Status.OK]} ok" + (
            f", {quiet[Status.SKIPPED]} skipped" if quiet[Status.SKIPPED] else ""
        )
        yield _marked(Status.OK, said)
    yield Line(0, "")


def _is_left_out(finding: Finding, looked: Examination) -> bool:
    """What is well; where a project is looked at, also notes about something else."""
    beside = looked.around.project is not None and not looked.only
    is_note = finding.status is Status.INFO and not finding.id.startswith("project.")
    return finding.status in _QUIET or (beside and is_note)


def _of_finding(finding: Finding, fix: str, *, full: bool) -> Iterator[Line]:
    about = f" [{finding.kernel}]" if finding.kernel and finding.kernel not in str(finding) else ""
    yield _marked(finding.status, f"{finding.id:<20}{about} {finding.summary}")
    if finding.last:
        ago = _ago(time.time() - finding.last.checked_at)
        yield Line(8, f"Last time ({ago}): {finding.last.status.value}: {finding.last.summary}")
    yield from (Line(8, line, "dim") for line in _evidence(finding, full=full))
    if finding.remedy:
        commands = finding.remedy.commands
        yield Line(8, f"{finding.remedy.text.rstrip('.:')}{':' if commands else '.'}", "cyan")
        yield from (_command(one) for one in commands)
    if finding.fix:
        offer = "Or have" if finding.remedy else "Have"
        yield Line(8, f"{offer} it mended ({finding.fix.id}){':' if fix else '.'}", "cyan")
        if fix:
            yield _command(fix)


def _evidence(finding: Finding, *, full: bool) -> list[str]:
    """What was seen, where it is the reason for a bad word and isn't in the sentence already."""
    lines = finding.evidence.splitlines()
    if full:
        return lines
    if finding.status not in _EVIDENCE or finding.evidence.strip() in finding.summary:
        return []
    more = len(lines) - _EVIDENCE_LINES
    if more < 2:
        return lines
    return [*lines[:_EVIDENCE_LINES], f"... and {more} more lines: see them with --all."]


def _command(text: str) -> Line:
    return Line(10, text, "cyan", is_command=True)


def _fix_command(finding: Finding, words: str, project: str) -> str:
    assert finding.fix
    if finding.fix.id == project_repair.ID:
        words = f"{words} --project {shlex.quote(project)}".strip()
    return " ".join(filter(None, ("jupyter gokernel doctor", words, "--fix", finding.fix.id)))


def _summary(report: Report, looked: Examination) -> Iterator[Line]:
    places = {one.environment for one in report.findings}
    environments = [one.subject for one in looked.contexts if one.subject.target]
    count = len([one for one in environments if one.place in places])
    where = f"{count} environment{'' if count == 1 else 's'}"
    if looked.only and not count:
        where = "this machine"
    if looked.is_whole and not environments:
        yield Line(0, "No environment with Go was found; `jupyter gokernel create NAME` makes one.")
    on = "on" if where == "this machine" else "in"
    only = f" ({looked.only} only)" if looked.only else ""
    yield Line(0, f"{report.counted or 'All is well'} {on} {where}{only}.", "bold")
    needed = {one.fix.id for one in report.findings if one.fix and one.status in _NEEDED}
    if needed:
        what = "this" if len(needed) == 1 else "these"
        yield Line(0, f"To mend {what} ({', '.join(sorted(needed))}), add --fix.")


# A fix of what is only worth knowing is done when somebody asks for it by its id.
_NEEDED = (Status.WARN, Status.ERROR)


def is_needed(finding: Finding) -> bool:
    """Whether a fix is offered for something that is wrong."""
    return finding.fix is not None and finding.status in _NEEDED


def _marked(status: Status, text: str) -> Line:
    icon, style = _ICONS[status]
    if not _can_print(icon):
        icon = "x" if status is Status.ERROR else "+"
    return Line(2, text, style, f"{icon} {status.value:<8}")


def _can_print(icon: str) -> bool:
    try:
        icon.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _print(lines: Iterable[Line]) -> None:
    for line in lines:
        if sys.stdout.isatty():
            _print_rich(line)
        else:
            text = output.printable(f"{line.mark}{line.text}")
            print(f"{' ' * line.indent}{text}".rstrip())


def _print_rich(line: Line) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from go_kernel.cli.console import console

    if line.is_command:
        text = Text(" " * line.indent + output.printable(line.text), line.style)
        console().print(text, soft_wrap=True)
        return
    grid = Table.grid()
    words = Text(output.printable(line.text), "" if line.mark else line.style, overflow="fold")
    if line.mark:
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(Text(line.mark, line.style), words)
    else:
        grid.add_column(overflow="fold")
        grid.add_row(words)
    console().print(Padding(grid, (0, 0, 0, line.indent)))


def _ago(seconds: float) -> str:
    for unit, noun in _UNITS:
        if seconds >= 1.5 * unit or (unit == 60 and seconds >= unit):
            count = round(seconds / unit)
            return f"{count} {noun if count == 1 else f'{noun}s'} ago"
    return "just now"
