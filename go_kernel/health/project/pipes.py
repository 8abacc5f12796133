"""Pipes and the like among a project's files: Go opens them, and waits for ever.

Nothing is opened here.
ref: https://go.dev/src/go/build/build.go (matchFile)
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from go_kernel.files import exists, is_file
from go_kernel.health.project import directives
from go_kernel.project.force import InForce

# What Go looks into of a package's folder, by the names' ends.
_OPENED = frozenset(
    ".go .c .cc .cpp .cxx .m .h .hh .hpp .hxx .f .F .for .f90 .s .S .sx .swig .swigcxx".split()
)
# Beyond that many folders nobody waits for an answer.
_MOST = 50_000


def first(found: InForce) -> Path | None:
    """What is no plain file where Go reads or writes one; None where all is plain."""
    named = (one for one in _named(found) if exists(one) and not is_file(one))
    return next(named, None) or next(_in_packages(found), None)


def _named(found: InForce) -> Iterator[Path]:
    for one in found.modules:
        yield one.sums
    if found.gowork is not None:
        yield found.gowork.with_name(f"{found.gowork.name}.sum")
    if found.vendor is not None:
        yield found.vendor.folder / "modules.txt"


def _in_packages(found: InForce) -> Iterator[Path]:
    roots = dict.fromkeys(one.folder for one in found.modules)
    if found.vendor is not None and found.vendor.used:
        roots[found.vendor.folder] = None
    contents = [(one.file, one.content) for one in found.modules]
    if found.gowork is not None:
        contents.append((found.gowork, found.work))
    for file, content in contents:
        replaces = [*directives.of(file, content)]
        roots |= dict.fromkeys(one.target for one in replaces if one.target is not None)
    left = _MOST
    for root in roots:
        below = [str(root)]
        while below and left:
            left -= 1
            place = below.pop()
            entries = _listed(place)
            if place != str(root) and any(one.name == "go.mod" for one in entries):
                continue  # another module
            for one in entries:
                if _is_folder(one):
                    below += [one.path] if _is_looked_into(one.name) else []
                elif _is_opened(one.name) and _is_odd(one):
                    yield Path(one.path)


def _listed(place: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return sorted(entries, key=lambda one: one.name)
    except OSError:
        return []  # Go says so


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)  # Go follows no links to folders


def _is_looked_into(folder: str) -> bool:
    return folder[0] not in "._" and folder not in ("testdata", "vendor", "node_modules")


def _is_opened(name: str) -> bool:
    return name[0] not in "._" and name[name.rfind(".") :] in _OPENED


def _is_odd(entry: os.DirEntry[str]) -> bool:
    """Neither a file nor a folder, itself or behind links; what isn't there is opened by nobody."""
    if entry.is_file(follow_symlinks=False):
        return False
    try:
        mode = entry.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
