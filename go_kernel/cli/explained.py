"""`env --explain`: every variable by layer, with its origin and what it overrode."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from go_kernel.cli.console import console
from go_kernel.cli.output import printable
from go_kernel.environment import GoEnvironment, Layer, Variable
from go_kernel.findings import Status
from go_kernel.git_rules import Rules
from go_kernel.offline import applied
from go_kernel.variables import masked

# What stands at the left, what is said of it, and where that comes from.
_Row = tuple[str, Text, str]

# A PATH that was lengthened three times would fill the page.
_LONGEST_WAS = 120
_STYLES = {Status.ERROR: "red", Status.WARN: "yellow"}
_TITLES = {
    Layer.TOOLCHAIN: "From the toolchain (nothing else can set these)",
    Layer.SITE: "From the site's policy",
    Layer.SETTINGS: "From the kernel's settings",
    Layer.ACTIVATION: "From the environment's activation",
    Layer.PARENT: "From the process that starts the kernel",
    Layer.GO_FILES: "From Go's own files",
}


_OF_BUNDLES = "From bundles, and from being offline (nothing else can set these)"
_REPLACED = "Addresses that git replaces"


def print_explained(found: GoEnvironment, git: Rules) -> None:
    """Print all variables of an environment, the strongest layer first, then git's rules.

    A terminal gets tables as wide as it is, anything else a line for each value, whole.
    """
    where = found.prefix or found.toolchain.goroot
    title = printable(f"{found.name}: Go {found.toolchain.version}, {where}")
    if not sys.stdout.isatty():
        _print_plain(title, found, git)
        return
    page = console()
    page.print(Text(title))
    for heading, variables in _sections(found):
        _print_table(page, heading, (row for one in variables for row in _rows(one)))
    if git.rules or git.problem:
        _print_table(page, _REPLACED, _rows_of_git(git))
    if found.findings:
        page.print(Text("\nNoticed", style="bold"))
    for finding in found.findings:
        page.print(
            Text(f"{finding.status.value}: ", style=_STYLES.get(finding.status, ""))
            + Text(printable(str(finding)), style="")
        )


def _print_plain(title: str, found: GoEnvironment, git: Rules) -> None:
    print(title)
    for heading, variables in _sections(found):
        _print_lines(heading, (row for one in variables for row in _rows(one)))
    if git.rules or git.problem:
        _print_lines(_REPLACED, _rows_of_git(git))
    if found.findings:
        print("\nNoticed")
    for finding in found.findings:
        print(printable(f"{finding.status.value}: {finding}"))


def _print_lines(heading: str, rows: Iterable[_Row]) -> None:
    print(f"\n{heading}")
    for name, value, origin in rows:
        start = f"  {name}  " if name else "      "
        print(f"{start}{value.plain}{f'  ({printable(origin)})' if origin else ''}")


def _sections(found: GoEnvironment) -> Iterator[tuple[str, list[Variable]]]:
    """The variables by layer, the strongest first; those that are not handed on last."""
    by_name = sorted(found.variables.values(), key=lambda variable: variable.name)
    for layer in sorted(Layer, reverse=True):
        own = [v for v in by_name if v.value is not None and v.origin.layer is layer]
        of_bundles = [v for v in own if applied.is_ours(v.origin)]
        if of_bundles:
            yield _OF_BUNDLES, of_bundles
        rest = [v for v in own if v not in of_bundles]
        if rest:
            yield _TITLES[layer], rest
    dropped = [v for v in by_name if v.value is None]
    if dropped:
        yield "Not handed on", dropped


def _print_table(page: Console, title: str, rows: Iterable[_Row]) -> None:
    page.print(Text(f"\n{title}", style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), expand=True)
    table.add_column(width=24, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=2, overflow="fold", style="dim")
    for name, value, origin in rows:
        table.add_row(Text(name), value, Text(printable(origin)))
    page.print(table)


def _rows_of_git(git: Rules) -> Iterable[_Row]:
    """What is replaced, by what, and which file says so."""
    for rule in git.rules:
        yield rule.instead_of, Text(f"becomes {rule.uses}"), rule.origin
    if git.problem:
        yield "", Text(git.problem, style="yellow"), ""


def _rows(variable: Variable) -> Iterable[_Row]:
    """The value in force, then what it overrode, the last first."""
    name, origin = variable.name, variable.origin
    if variable.value is None:
        yield name, Text("(unset)", style="dim"), origin.detail or origin.layer.spoken
    else:
        yield name, Text(_shown(name, variable.value)), origin.detail or origin.layer.spoken
    for old in reversed(variable.overrode):
        if old.value == variable.value:
            continue
        was = _shown(name, old.value)
        if len(was) > _LONGEST_WAS:
            was = f"{was[:_LONGEST_WAS]}… (all of it with --json)"
        yield "", Text(f"was {was}", style="dim"), str(old.origin).replace(": (", " (")


def _shown(name: str, value: str) -> str:
    return printable(masked(name, value)) or "(empty)"
