"""Which modules a project is built of, asked of Go: those of its packages and their tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from go_kernel.files import is_file
from go_kernel.process import CommandError
from go_kernel.project.force import InForce
from go_kernel.project.go import ProjectGo
from go_kernel.project.snapshot.errors import NotListed
from go_kernel.project.snapshot.model import Module

_SECONDS = 120.0


# By what kind of source cgo needs which compiler.
_COMPILERS = {"CgoFiles": "CC", "CXXFiles": "CXX", "FFiles": "FC"}


def of(go: ProjectGo, found: InForce) -> tuple[tuple[Module, ...], frozenset[str]]:
    """The modules that a project's packages and tests come from, but for its own.

    And the variables that name compilers which these packages need, the standard library's
    included.  Nothing is fetched.  Raises NotListed where Go can't tell, above all because
    the module cache lacks one.
    """
    sums = _sums(found, go.go)
    listed: dict[str, Module] = {}
    used: set[str] = set()
    for own in found.modules:
        for one in _packages(go, own.folder):
            if one.get("CgoFiles"):
                used.update(name for files, name in _COMPILERS.items() if one.get(files))
            module = one.get("Module")
            if isinstance(module, dict) and not module.get("Main"):
                made = _module(module, sums)
                listed[made.path] = made
    return tuple(listed[path] for path in sorted(listed)), frozenset(used)


def sum_files(found: InForce) -> tuple[Path, ...]:
    """The go.sum files that count, whether they are there or not."""
    files = [one.sums for one in found.modules]
    if found.gowork is not None:
        files.append(found.gowork.with_name(f"{found.gowork.name}.sum"))
    return tuple(dict.fromkeys(files))


def _packages(go: ProjectGo, folder: Path) -> Iterable[Mapping[str, Any]]:
    arguments = ("list", "-deps", "-test", f"-json=Module,{','.join(_COMPILERS)}", "./...")
    try:
        return go.objects(folder, *arguments, timeout=_SECONDS)
    except CommandError as error:
        raise NotListed(folder, error.output or error.summary, go.go) from error


def _module(said: Mapping[str, Any], sums: Mapping[tuple[str, str], str]) -> Module:
    path, version = str(said.get("Path", "")), str(said.get("Version", ""))
    other = said.get("Replace")
    if not isinstance(other, dict):
        return Module(path, version, sums.get((path, version), ""))
    # A replacement is a module of another path or version, or a folder, which has none.
    named, at = str(other.get("Path", "")), str(other.get("Version", ""))
    return Module(path, version, sums.get((named, at), ""), f"{named} {at}".strip())


def _sums(found: InForce, go: Path) -> dict[tuple[str, str], str]:
    """What go.sum says, in the three words of each line: before Go 1.26 `go list` doesn't."""
    sums = {}
    for path in sum_files(found):
        try:
            text = path.read_text("utf-8", "replace") if is_file(path) else ""
        except OSError as error:
            raise NotListed(path.parent, f"{path}: {error.strerror}", go) from error
        for line in text.splitlines():
            match line.split():
                case [module, version, digest]:
                    sums[module, version] = digest
    return sums
