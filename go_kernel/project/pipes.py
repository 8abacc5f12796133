"""Pipes and the like where Go opens a file: it would wait for what comes out of them.

Nothing is opened here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from go_kernel.files import exists, is_file
from go_kernel.project.force import InForce

# What Go opens in a package's folder; ref: https://go.dev/src/go/build/build.go (matchFile)
OPENED = frozenset(
    ".go .c .cc .cpp .cxx .m .h .hh .hpp .hxx .f .F .for .f90 .s .S .sx .swig .swigcxx".split()
)
# Beyond that many folders nobody waits for an answer.
_MOST = 50_000


def first(found: InForce) -> Path | None:
    """The first one among all that Go would read here; None where all is plain."""
    files = [one.sums for one in found.modules]
    if found.gowork is not None:
        files.append(found.gowork.with_name(f"{found.gowork.name}.sum"))
    if found.vendor is not None:
        files.append(found.vendor.folder / "modules.txt")
    odd = (file for file in files if exists(file) and not is_file(file))
    return next(chain(odd, _below(_folders(found))), None)


def _folders(found: InForce) -> Iterator[Path]:
    """The main modules, and what they are replaced by."""
    for one in (*found.modules, *((found.own,) if found.own else ())):
        yield one.folder
        yield from _replacing(one.folder, one.content.get("Replace"))
    if found.gowork is not None:
        yield from _replacing(found.gowork.parent, found.work.get("Replace"))
    if found.vendor is not None and found.vendor.used:
        yield found.vendor.folder


def _replacing(root: Path, replaces: object) -> Iterator[Path]:
    for one in replaces if isinstance(replaces, list) else ():
        folder = Path(os.path.normpath(root / one["New"]["Path"]))
        # Without a go.mod Go takes nothing from it, were it the whole disk.
        if not one["New"].get("Version") and exists(folder / "go.mod"):
            yield folder


def _below(folders: Iterable[Path]) -> Iterator[Path]:
    """As `./...` has it: neither test data nor what begins with `.` or `_`, nor other modules."""
    seen: set[Path] = set()
    work = [*dict.fromkeys(folders)][::-1]
    roots = frozenset(work)
    while work and len(seen) < _MOST:
        here = work.pop()
        if here in seen or (here not in roots and exists(here / "go.mod")):
            continue
        seen.add(here)
        try:
            with os.scandir(here) as entries:
                found = sorted(entries, key=lambda one: one.name)
        except OSError:
            continue  # Go says so
        for entry in found:
            if entry.name.startswith((".", "_")):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in ("testdata", "vendor"):
                    work.append(Path(entry.path))
            elif os.path.splitext(entry.name)[1] in OPENED and is_odd(entry):  # noqa: PTH122
                yield Path(entry.path)


def is_odd(entry: os.DirEntry[str]) -> bool:
    """Neither a file nor a folder, itself or behind links; what isn't there nobody opens."""
    if entry.is_file(follow_symlinks=False):
        return False
    try:
        mode = entry.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
