"""`env --explain`: every variable by layer, with its origin and what it overrode."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from go_kernel.cli.output import PIPE_WIDTH, printable
from go_kernel.environment import GoEnvironment, Layer, Variable
from go_kernel.findings import Status
from go_kernel.variables import masked

_STYLES = {Status.ERROR: "red", Status.WARN: "yellow"}
_TITLES = {
    Layer.TOOLCHAIN: "From the toolchain (nothing else can set these)",
    Layer.SITE: "From the site's policy",
    Layer.SETTINGS: "From the kernel's settings",
    Layer.ACTIVATION: "From the environment's activation",
    Layer.PARENT: "From the process that starts the kernel",
    Layer.GO_FILES: "From Go's own files",
}


def print_explained(found: GoEnvironment) -> None:
    """Print all variables of an environment, the strongest layer first."""
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    where = found.prefix or found.toolchain.goroot
    console.print(
        Text(f"{printable(found.name)}: Go {found.toolchain.version}, {printable(str(where))}")
    )
    by_name = sorted(found.variables.values(), key=lambda variable: variable.name)
    for layer in sorted(Layer, reverse=True):
        own = [v for v in by_name if v.value is not None and v.origin.layer is layer]
        _print_table(console, _TITLES[layer], own)
    _print_table(console, "Not handed on", [v for v in by_name if v.value is None])
    if found.findings:
        console.print(Text("\nNoticed", style="bold"))
    for finding in found.findings:
        console.print(
            Text(f"{finding.status.value}: ", style=_STYLES.get(finding.status, ""))
            + Text(printable(str(finding)), style="")
        )


def _print_table(console: Console, title: str, variables: Iterable[Variable]) -> None:
    rows = [*variables]
    if not rows:
        return
    console.print(Text(f"\n{title}", style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), expand=True)
    table.add_column(width=24, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    table.add_column(ratio=2, overflow="fold", style="dim")
    for variable in rows:
        for name, value, origin in _rows(variable):
            table.add_row(Text(name), value, Text(printable(origin)))
    console.print(table)


def _rows(variable: Variable) -> Iterable[tuple[str, Text, str]]:
    """The value in force, then what it overrode, the last first."""
    name, origin = variable.name, variable.origin
    if variable.value is None:
        yield name, Text("(unset)", style="dim"), origin.detail or origin.layer.spoken
    else:
        yield name, Text(_shown(name, variable.value)), origin.detail
    for old in reversed(variable.overrode):
        yield "", Text(f"was {_shown(name, old.value)}", style="dim"), str(old.origin)


def _shown(name: str, value: str) -> str:
    return printable(masked(name, value)) or "(empty)"
