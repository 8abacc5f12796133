"""What would keep Go waiting: pipes and devices that are called as sources are."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from go_kernel.files import exists
from go_kernel.project.force import InForce
from go_kernel.project.reading import Unreadable

# What Go opens for build constraints; ref: https://pkg.go.dev/go/build#Package
_SOURCES = frozenset(
    ".go .c .cc .cpp .cxx .m .h .hh .hpp .hxx .f .F .for .f90 .s .S .sx .swig .swigcxx".split()
)


def check(found: InForce) -> None:
    """Raise Unreadable for the first of them in the modules in force and in their replacements."""
    for folder in filter(_is_module, dict.fromkeys(_folders(found))):
        for path in _sources(folder):
            if not _is_plain(path):
                raise Unreadable(path, "it is no plain file", "Put a plain file in its place.")


def _folders(found: InForce) -> Iterator[Path]:
    """Where packages are that Go may look at."""
    for one in found.modules:
        yield one.folder
    contents = [(one.folder, one.content) for one in found.modules]
    if found.gowork is not None:
        contents.append((found.gowork.parent, found.work))
    for base, content in contents:
        for replace in content.get("Replace") or ():
            new = replace.get("New") or {}
            if not new.get("Version"):
                yield Path(os.path.normpath(base / str(new.get("Path") or ".")))


def _is_module(folder: Path) -> bool:
    return exists(folder / "go.mod")  # without one Go takes nothing from it


def _sources(root: Path) -> Iterator[Path]:
    """Files by their names; not in folders that `./...` leaves out."""
    for place, folders, files in os.walk(root):
        folder = Path(place)
        folders[:] = [name for name in folders if not _is_left_out(folder / name)]
        for name in files:
            if not name.startswith((".", "_")) and Path(name).suffix in _SOURCES:
                yield folder / name


def _is_left_out(folder: Path) -> bool:
    name = folder.name
    return name in ("testdata", "vendor") or name.startswith((".", "_")) or _is_module(folder)


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:  # Go says why it can't read it, and waits for nobody
        return True
