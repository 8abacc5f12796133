"""The variables that an environment sets by files, without a script.

conda reads them in this order: the packages' `etc/conda/env_vars.d/*.json` by
name, then `conda-meta/state`; a later one wins.  Names are upper-cased, and PATH can't
be set this way.  The value `***unset***` means that the environment doesn't set the
variable at all, whatever an earlier file says; null means that it is unset.
ref: https://github.com/conda/conda/blob/main/conda/activate.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from go_kernel.conda.trust import foreign_part, remedy_for
from go_kernel.files import is_file
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.process import expressible

_UNSET = "***unset***"
_RESERVED = frozenset({"PATH"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Source:
    """The variables of one file (None is "unset"); `place` is its path below the prefix."""

    place: str
    variables: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Sources:
    """Several files in conda's order, and what was wrong with them."""

    sources: tuple[Source, ...] = ()
    findings: tuple[Finding, ...] = ()


def files(prefix: Path) -> list[Path]:
    """The files that are read, in order; those of `conda-meta/state` included."""
    folder = prefix / "etc" / "conda" / "env_vars.d"
    try:
        # conda reads every file of the folder, whatever its name.
        packages = sorted(path for path in folder.iterdir() if is_file(path))
    except OSError:
        packages = []
    state = _state(prefix)
    return [*packages, state] if is_file(state) else packages


def _state(prefix: Path) -> Path:
    return prefix / "conda-meta" / "state"


def read(prefix: Path) -> Sources:
    """All variables of an environment's files, in conda's order."""
    found: dict[str, dict[str, str | None]] = {}
    findings: list[Finding] = []
    for path in files(prefix):
        if foreign := foreign_part(prefix, [path]):
            findings.append(_foreign(path, *foreign).about(prefix))
            continue
        content, problem = _load(path)
        if problem:
            findings.append(_unreadable(path, problem).about(prefix))
            continue
        variables = content.get("env_vars") if path == _state(prefix) else content
        good, bad = _usable(variables if isinstance(variables, dict) else {})
        findings += [_refused(path, name).about(prefix) for name in bad]
        for name in [name for name, value in good.items() if value == _UNSET]:
            for earlier in (*found.values(), good):
                earlier.pop(name, None)
        found[str(path.relative_to(prefix))] = good
    sources = tuple(Source(place, variables) for place, variables in found.items())
    return Sources(sources, tuple(findings))


def _load(path: Path) -> tuple[dict[str, Any], str]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        return {}, f"it can't be read ({error.strerror})"
    except (ValueError, RecursionError):
        return {}, "it is no valid JSON"
    return (content, "") if isinstance(content, dict) else ({}, "it holds no JSON object")


def _usable(variables: Mapping[str, Any]) -> tuple[dict[str, str | None], list[str]]:
    good: dict[str, str | None] = {}
    bad: list[str] = []
    for name, value in variables.items():
        upper = name.upper()
        if value == _UNSET:
            good[upper] = _UNSET
        elif upper in _RESERVED or not _NAME.fullmatch(upper) or not expressible(str(value)):
            bad.append(name)
        else:
            good[upper] = None if value is None else str(value)
    return good, bad


def _foreign(path: Path, place: Path, problem: str) -> Finding:
    said = f"{'it' if place == path else place} {problem}"
    return replace(_unreadable(path, said), remedy=remedy_for(place, problem))


def _unreadable(path: Path, problem: str) -> Finding:
    return Finding(
        id="activation.variables-unreadable",
        status=Status.WARN,
        summary=f"The variables in {path} are not used: {problem}.",
        remedy=Remedy("Mend or remove that file, or reinstall the package that brought it."),
    )


def _refused(path: Path, name: str) -> Finding:
    return Finding(
        id="activation.variable-refused",
        status=Status.WARN,
        summary=f"{path} sets {name!r}, which can't be set this way; it is passed over.",
        remedy=Remedy("Remove it", (f"conda env config vars unset {name}",)),
    )
