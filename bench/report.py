"""Results for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from bench.result import Comparison, Kind, Result
from bench.samples import Samples

_VERDICTS = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}


def document(
    results: Sequence[Result],
    machine: Mapping[str, object],
    versions: Mapping[str, str],
    rounds: int,
) -> dict[str, object]:
    """Everything, as plain data."""
    return {
        "schema": 1,
        "rounds": rounds,
        "machine": dict(machine),
        "versions": dict(versions),
        "results": [result.to_dict() for result in results],
    }


def show(result: Result, console: Console) -> None:
    """A table: what was timed, its median and quartiles, ratios, and whether the budget is met."""
    table = Table(
        "",
        "median",
        "quartiles",
        "ours / it",
        "budget",
        "",
        title=result.title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1),
    )
    for row in _rows(result):
        table.add_row(*row)
    console.print(table)
    for note in result.notes:
        console.print(f"  {note}", style="dim")


def _rows(result: Result) -> Iterator[tuple[str, ...]]:
    """For each thing timed a row of ours, then one for each peer it is compared with."""
    for what in dict.fromkeys(one.what for one in result.comparisons):
        group = [one for one in result.comparisons if one.what == what]
        alone = [_judged(one) for one in group if one.theirs is None]
        yield (f"ours: {what}", *_times(group[0].ours), *(alone or [("", "", "")])[0])
        for one in group:
            if one.theirs is not None:
                yield (f"  {one.against}", *_times(one.theirs), *_judged(one))


def _judged(one: Comparison) -> tuple[str, str, str]:
    first, middle, third = one.ratios
    ratio = f"{middle:.2f} ({first:.2f}–{third:.2f})"
    return ratio, _limit(one), _VERDICTS[one.met]


def _limit(one: Comparison) -> str:
    if one.limit is None:
        return ""
    if one.kind is Kind.RATIO:
        return f"≤ {one.limit:g}"
    if one.kind is Kind.ADDED:
        return f"{one.value * 1000:+.1f} ms, ≤ {one.limit * 1000:g}"
    if one.kind is Kind.P99:
        return f"p99 {one.value * 1000:.1f} ms, ≤ {one.limit * 1000:g}"
    return f"≤ {one.limit * 1000:g} ms"


def _times(samples: Samples) -> tuple[str, str]:
    first, third = (1000 * end for end in samples.quartiles)
    return f"{samples.median * 1000:.1f} ms", f"{first:.1f}–{third:.1f}"
