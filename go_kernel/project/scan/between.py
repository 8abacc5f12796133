"""The risks that show only between several modules: circles, duplicates, lost replaces."""

from __future__ import annotations

import os
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from go_kernel.project.scan.findings import of_replace, risk
from go_kernel.project.scan.model import Declared, Replace, Risk
from go_kernel.project.scan.replaces import counts

# A file, a replace of it that leads to a folder, and what that holds.
Edge = tuple[Declared, Replace, Declared]


def not_inherited(edges: Iterable[Edge], works: Sequence[Declared]) -> Iterator[Risk]:
    """Replaces of a module that takes another's place: only those of the main module count.

    ref: https://go.dev/ref/mod#go-mod-file-replace
    """
    together = [frozenset(one.uses) for one in works]
    # Once for each two: a file of thousands of replaces may lead them all to one folder.
    pairs = {(file.file, target.file): (file, replace, target) for file, replace, target in edges}
    for file, replace, target in pairs.values():
        if file.is_work or any({file.folder, target.folder} <= one for one in together):
            continue
        lost = [*_lost(file, target)]
        if lost:
            yield of_replace(
                "replace.not-inherited",
                file,
                replace,
                f"whose own replaces have no effect where {file.module} is built: "
                f"{'; '.join(map(str, lost))}.",
                f"Repeat them in {file.file} where it needs them.",
            )


def circles(edges: Iterable[Edge]) -> Iterator[Risk]:
    """Modules that replace each other by folders, each circle once."""
    edges = [edge for edge in edges if not edge[0].is_work and edge[1].old != edge[0].module]
    first: dict[tuple[Path, Path], Edge] = {}
    for edge in edges:
        first.setdefault((edge[0].folder, _real(edge[2].folder)), edge)
    said: set[Path] = set()
    leads = _in_circles(first)
    for folder in sorted(leads):
        if folder in said or not (way := _back_to(folder, leads)):
            continue
        said.update(way)
        file, replace, _ = first[folder, way[1]]
        yield of_replace(
            "replace.cycle",
            file,
            replace,
            f"a circle: {' -> '.join(map(str, way))}. None of them can be published by itself.",
            "Let one of them require a published version.",
        )


def duplicates(modules: Iterable[Declared]) -> Iterator[Risk]:
    """Module paths that several folders have."""
    paths: dict[str, list[Declared]] = defaultdict(list)
    for one in modules:
        paths[one.module].append(one)
    for path, files in paths.items():
        if path and len(files) > 1:
            made = risk(
                "module.duplicate",
                files[0].place,
                f"{path} is the module of {len(files)} folders.",
                "Give each its own path, unless they are copies of one.",
                "\n".join(str(one.file) for one in files),
            )
            yield Risk(made.file, made.finding, path)


def _lost(file: Declared, target: Declared) -> Iterator[Replace]:
    """What counts in the one, and not where the other is built."""
    for one in target.replaces:
        mine = one.old in file.replaced or one.old == file.module
        if not mine and counts(target, one, target.requires):
            yield one


def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder))


def _in_circles(pairs: Iterable[tuple[Path, Path]]) -> dict[Path, set[Path]]:
    """What is left when all are taken away that lead nowhere, or that nothing leads to."""
    leads: dict[Path, set[Path]] = defaultdict(set)
    led: dict[Path, set[Path]] = defaultdict(set)
    for one, other in pairs:
        leads[one].add(other)
        led[other].add(one)
    ends = deque(one for one in leads.keys() | led.keys() if not (leads.get(one) and led.get(one)))
    while ends:
        gone = ends.popleft()
        for there, back in ((leads, led), (led, leads)):
            for other in there.pop(gone, set()):
                back[other].discard(gone)
                if not back[other]:
                    ends.append(other)
    return {one: others for one, others in leads.items() if others}


def _back_to(start: Path, leads: Mapping[Path, set[Path]]) -> list[Path]:
    """The shortest way from a folder back to it; empty for none."""
    came: dict[Path, Path] = {}
    todo = deque([start])
    while todo:
        here = todo.popleft()
        for other in sorted(leads.get(here, ())):
            if other == start:
                way = [start]
                while here != start:
                    way.append(here)
                    here = came[here]
                return [start, *reversed(way[1:]), start]
            if other not in came:
                came[other] = here
                todo.append(other)
    return []
