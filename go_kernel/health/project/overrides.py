"""Who decides where Go puts programs, modules and what it builds?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from go_kernel.findings import Finding
from go_kernel.health.check import Answer, error, info, ok, warn
from go_kernel.health.project.looked import Looked
from go_kernel.health.project.said import Said, spoken
from go_kernel.variables import masked

_PURPOSES = {
    "GOBIN": "`go install` puts programs there",
    "GOMODCACHE": "modules are kept there",
    "GOCACHE": "what is built is kept there",
}


def look(looked: Looked) -> Answer:
    """One answer for each of them that somebody set."""
    said = [looked.said[name] for name in _PURPOSES if name in looked.said]
    found = [_of(looked, one) for one in said]
    names = ", ".join(_PURPOSES)
    return found or ok(f"Nobody sets {names}: Go's own defaults count.", _defaults(looked))


def _of(looked: Looked, said: Said) -> Finding:
    purpose = _PURPOSES[said.name]
    evidence, remedy = "\n".join(said.lines()), said.taken_back(looked.context)
    where = f"{said.shown}, set by {said.by}"
    if not said.value.startswith("/"):
        return error(
            f"{where}: Go refuses a path that doesn't begin with /.", remedy, evidence=evidence
        )
    others = [one for one in said.overrode if one.value != said.value]
    if others:
        other = others[-1]
        value = masked(said.name, other.value)
        return warn(
            f"{where}, overrides {value}, which {spoken(other.origin)} says: {purpose}.",
            remedy,
            evidence=evidence,
        )
    if said.name != "GOBIN" and _is_below(Path(said.value), looked.folder):
        return warn(f"{where}, lies in the project: {purpose}.", remedy, evidence=evidence)
    if said.name == "GOBIN" and not _is_on_path(looked, said.value):
        return warn(f"{where}: {purpose}, and it is not on PATH.", remedy, evidence=evidence)
    return info(f"{where}: {purpose}.", remedy, evidence=evidence)


def _is_below(place: Path, folder: Path) -> bool:
    return Path(os.path.realpath(place)).is_relative_to(os.path.realpath(folder))


def _is_on_path(looked: Looked, folder: str) -> bool:
    entries = looked.go.given.get("PATH", "").split(os.pathsep)
    return os.path.normpath(folder) in map(os.path.normpath, filter(None, entries))


def _defaults(looked: Looked) -> str:
    return "\n".join(_lines(looked))


def _lines(looked: Looked) -> Iterator[str]:
    for name, value in looked.go.as_given(looked.folder, _PURPOSES).items():
        yield f"{name}={value}"
