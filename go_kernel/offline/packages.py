"""The packages of a module that a notebook can import, from its files alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

# A package clause stands behind comments only.
_COMMENTS = rb"(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*"
_CLAUSE = re.compile(rb"\A(?:\xef\xbb\xbf)?" + _COMMENTS + rb"package\s+(\w+)")
_BEGINNING = 1 << 16


def importable(folder: Path, module: str) -> list[str]:
    """The import paths of the packages in `folder`, which is the module `module`.

    For any platform, since a bundle may be used on another one.  Without programs, and
    without what only the module itself may import.
    """
    return sorted(
        "/".join([module, *place.relative_to(folder).parts])
        for place in _places(folder)
        if _is_library(place)
    )


def _places(folder: Path) -> Iterator[Path]:
    """The folders that `./...` means: no other module's, no testdata, none of the others'."""
    for place, folders, files in os.walk(folder):
        if place != str(folder) and "go.mod" in files:
            folders.clear()
            continue
        folders[:] = [
            one
            for one in folders
            if not one.startswith((".", "_")) and one not in ("testdata", "vendor", "internal")
        ]
        yield Path(place)


def _is_library(place: Path) -> bool:
    names = {_package(file) for file in sorted(place.glob("*.go")) if _counts(file.name)}
    return bool(names - {"", "main", "documentation"})


def _counts(name: str) -> bool:
    return not name.endswith("_test.go") and not name.startswith((".", "_"))


def _package(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            found = _CLAUSE.match(stream.read(_BEGINNING))
    except OSError:
        return ""
    return found[1].decode(errors="replace") if found else ""
