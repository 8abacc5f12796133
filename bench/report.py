"""Results for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bench.result import Comparison, Kind, Result
from bench.samples import Samples

_COLUMNS = ("what", "ours", "against", "theirs", "ratio", "its quartiles", "budget", "")


def document(
    results: Sequence[Result],
    machine: Mapping[str, object],
    versions: Mapping[str, str],
    rounds: int,
) -> dict[str, object]:
    """Everything, as plain data: times in milliseconds or, where named so, seconds."""
    return {
        "schema": 1,
        "rounds": rounds,
        "machine": dict(machine),
        "versions": dict(versions),
        "results": [result.to_dict() for result in results],
    }


def show(results: Sequence[Result], console: Console) -> None:
    """A table a budget: medians with quartiles, ratios, and whether the budget is met."""
    for result in results:
        table = Table(title=result.title, title_justify="left", title_style="bold", expand=False)
        for column in _COLUMNS:
            right = column in ("ours", "theirs", "ratio", "budget")
            table.add_column(column, justify="right" if right else "left")
        for one in result.comparisons:
            table.add_row(*_row(one))
        console.print(table)
        for note in result.notes:
            console.print(f"  {note}", style="dim")


def _row(one: Comparison) -> tuple[str, ...]:
    first, third = one.spread
    return (
        one.what,
        _times(one.ours),
        one.against,
        _times(one.theirs) if one.theirs else "",
        f"{one.ratio:.2f}",
        f"{first:.2f} … {third:.2f}",
        _limit(one),
        {True: "[green]met[/]", False: "[red]missed[/]", None: ""}[one.met],
    )


def _limit(one: Comparison) -> str:
    if one.limit is None:
        return ""
    if one.kind is Kind.RATIO:
        return f"≤ {one.limit:g}"
    if one.kind is Kind.ADDED:
        return f"{one.value * 1000:+.1f} of ≤ +{one.limit * 1000:g} ms"
    return f"≤ {one.limit * 1000:g} ms"


def _times(samples: Samples) -> str:
    first, third = (1000 * end for end in samples.quartiles)
    return f"{samples.median * 1000:.1f} ms ({first:.1f} … {third:.1f})"
