"""The variables that an environment sets by files, without a script.

conda reads them in this order: the packages' `etc/conda/env_vars.d/*.json` by
name, then `conda-meta/state`; a later one wins.  Names are upper-cased, the value
`***unset***` means "not set here", and PATH can't be set this way.
ref: https://github.com/conda/conda/blob/main/conda/activate.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from go_kernel.files import foreign_writer
from go_kernel.findings import Finding, Remedy, Status

_UNSET = "***unset***"
_RESERVED = frozenset({"PATH"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Source:
    """The variables of one file; `place` is its path below the prefix."""

    place: str
    variables: Mapping[str, str] = field(default_factory=dict)


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
        packages = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        packages = []
    state = prefix / "conda-meta" / "state"
    return [*packages, state] if state.is_file() else packages


def read(prefix: Path) -> Sources:
    """All variables of an environment's files, in conda's order."""
    sources: list[Source] = []
    findings: list[Finding] = []
    for path in files(prefix):
        place = str(path.relative_to(prefix))
        content, problem = _load(path)
        if problem:
            findings.append(_unreadable(path, problem).about(prefix))
            continue
        variables = content.get("env_vars", {}) if path.name == "state" else content
        good, bad = _usable(variables if isinstance(variables, dict) else {})
        findings += [_refused(path, name).about(prefix) for name in bad]
        sources.append(Source(place, good))
    return Sources(tuple(sources), tuple(findings))


def _load(path: Path) -> tuple[dict[str, Any], str]:
    writer = foreign_writer(path, any_owner=True)
    if writer:
        return {}, f"it {writer}"
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        return {}, f"it can't be read ({error.strerror})"
    except (ValueError, RecursionError):
        return {}, "it is no valid JSON"
    return (content, "") if isinstance(content, dict) else ({}, "it holds no JSON object")


def _usable(variables: Mapping[Any, Any]) -> tuple[dict[str, str], list[str]]:
    good: dict[str, str] = {}
    bad: list[str] = []
    for name, value in variables.items():
        if value == _UNSET:
            continue
        upper = str(name).upper()
        text = str(value)
        if upper in _RESERVED or not _NAME.fullmatch(upper) or "\0" in text:
            bad.append(str(name))
        else:
            good[upper] = text
    return good, bad


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
