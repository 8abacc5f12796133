"""`places.make`: make the folders for modules and build results, for their owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from go_kernel import private_places
from go_kernel.files import is_folder, nearest_existing, writable
from go_kernel.findings import Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import changing
from go_kernel.places import TEMPLATED


def plan(context: Context) -> Plan | None:
    """The folders that are missing and can be made; raises as `resolve.resolve` does."""
    if context.subject.target is None:
        return None
    missing = [*_missing(context)]
    if not missing:
        return None
    steps = [
        f"Make the folder {place} for {name}, to be used by you alone." for name, place in missing
    ]
    return Plan(steps, lambda: _make([place for _, place in missing], context))


def _missing(context: Context) -> Iterator[tuple[str, Path]]:
    for name in TEMPLATED:
        value = context.resolved.environment.get(name).split(os.pathsep)[0]
        above = nearest_existing(Path(value))
        missing = value.startswith("/") and not os.path.lexists(value)
        if missing and is_folder(above) and writable(above):
            yield name, Path(value)


def _make(places: list[Path], context: Context) -> None:
    private_places.make(context.resolved.environment)  # a site's: where others can't come between
    for place in places:
        with changing(context, place):
            # Those above it, too: somebody who could write there could take it away.
            for folder in _below(nearest_existing(place), place):
                folder.mkdir(mode=0o700, exist_ok=True)


def _below(above: Path, place: Path) -> list[Path]:
    """The folders on the way down from `above` to `place`, the first one left out."""
    steps = place.relative_to(above).parts
    return [above.joinpath(*steps[: depth + 1]) for depth in range(len(steps))]


FIX = FixKind(
    id="places.make",
    title="Make the folders",
    risk=Risk.NONE,
    plan=plan,
    recheck=("places.usable", "places.private", "places.local", "places.space"),
)
