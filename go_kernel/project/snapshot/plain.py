"""A snapshot as plain data, and back: a file comes from anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from go_kernel.conda.packages import Package
from go_kernel.project.snapshot.model import (
    FORMAT,
    Build,
    Compiler,
    Environment,
    Module,
    Project,
    Snapshot,
    Toolchain,
    Vendor,
)

_KEY = "gokernel_snapshot"
_ONLY_WISHED = "requested_specs"
_T = TypeVar("_T")


def to_plain(snapshot: Snapshot) -> dict[str, Any]:
    """Plain data, ready for JSON, in an order of its own."""
    environment, project = snapshot.environment, snapshot.project
    return {
        _KEY: FORMAT,
        "fingerprint": snapshot.fingerprint,
        "toolchain": vars(snapshot.toolchain),
        "environment": environment
        and {
            "requested": list(environment.requested),
            "packages": [_package(one) for one in environment.packages],
        },
        "project": project
        and {
            "modules": sorted(project.paths),
            "files": dict(sorted(project.files.items())),
            "built_of": [vars(one) for one in project.modules],
            "vendor": project.vendor and vars(project.vendor),
        },
        "variables": dict(sorted(snapshot.variables.items())),
        "sources": dict(sorted(snapshot.sources.items())),
        "compilers": [vars(one) for one in snapshot.compilers],
        "builds": [vars(one) for one in snapshot.builds],
    }


def is_snapshot(data: object) -> bool:
    """Whether that calls itself a snapshot."""
    return isinstance(data, dict) and _KEY in data


def is_later(data: Mapping[str, Any]) -> bool:
    """Whether it is in a format of a later version."""
    number = data.get(_KEY)
    return isinstance(number, int) and number > FORMAT


def from_plain(data: Mapping[str, Any]) -> Snapshot:
    """The snapshot that `to_plain` made this of; raises ValueError, which says what is wrong."""
    if data.get(_KEY) != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    environment, project = data.get("environment"), data.get("project")
    snapshot = Snapshot(
        toolchain=_made(Toolchain, data.get("toolchain"), "toolchain"),
        environment=None if environment is None else _environment(environment),
        project=None if project is None else _project(project),
        variables=_texts(data.get("variables"), "variables"),
        sources=_texts(data.get("sources"), "sources"),
        compilers=_all(
            data.get("compilers"), "compilers", lambda one: _made(Compiler, one, "compilers")
        ),
        builds=_all(data.get("builds"), "builds", lambda one: _made(Build, one, "builds")),
    )
    _check_builds(snapshot)
    if data.get("fingerprint") != snapshot.fingerprint:
        raise ValueError("its fingerprint is not that of the packages in it: it was edited")
    return snapshot


def _package(package: Package) -> dict[str, Any]:
    return {name: value for name, value in vars(package).items() if name != _ONLY_WISHED}


def _environment(data: object) -> Environment:
    content = _mapping(data, "environment")
    return Environment(
        requested=_all(content.get("requested"), "requested", _text),
        packages=_all(
            content.get("packages"), "packages", lambda one: _made(Package, one, "packages")
        ),
    )


def _project(data: object) -> Project:
    content = _mapping(data, "project")
    vendor = content.get("vendor")
    return Project(
        paths=_all(content.get("modules"), "modules", _text),
        files=_texts(content.get("files"), "files"),
        modules=_all(
            content.get("built_of"), "built_of", lambda one: _made(Module, one, "built_of")
        ),
        vendor=None if vendor is None else _made(Vendor, vendor, "vendor"),
    )


def _made(kind: type[_T], data: object, what: str) -> _T:
    """A dataclass of texts, numbers and yes or no."""
    content = _mapping(data, what)
    types = {f.name: f.type for f in fields(kind) if f.name != _ONLY_WISHED}  # type: ignore[arg-type]
    if set(content) != set(types):
        raise ValueError(f"something is missing or too much among its {what}")
    for name, value in content.items():
        if type(value).__name__ != types[name]:
            raise ValueError(f"{name} among its {what} is something else than it should be")
    return kind(**content)


def _mapping(data: object, what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValueError(f"its {what} is missing or something else")
    return data


def _texts(data: object, what: str) -> dict[str, str]:
    return {name: _text(value) for name, value in _mapping(data, what).items()}


def _all(data: object, what: str, make: Callable[[object], _T]) -> tuple[_T, ...]:
    if not isinstance(data, list):
        raise ValueError(f"its list of {what} is missing or something else")
    return tuple(map(make, data))


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise ValueError(f"{data!r:.40} stands in it where a text should")
    return data


def _check_builds(snapshot: Snapshot) -> None:
    """These words come to a command line: none may pass for an option."""
    for one in snapshot.builds:
        if not re.fullmatch(r"[A-Za-z0-9_.][^\x00-\x1f\x7f]*", one.package):
            raise ValueError(f"{one.package!r:.80} is no package that could be built")
