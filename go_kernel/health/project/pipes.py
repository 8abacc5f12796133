"""Pipes and the like among a project's files: Go opens them, and waits for ever.

Nothing is opened here.
ref: https://go.dev/src/go/build/build.go (matchFile)
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
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
    for module in found.modules:
        replaces = [*directives.of(module.file, module.content)]
        roots |= dict.fromkeys(one.target for one in replaces if one.target is not None)
    count = 0
    for root in roots:
        for place, folders, names in os.walk(root):
            inside = place != str(root)
            count += 1
            if count > _MOST:
                return
            if inside and "go.mod" in names:
                folders.clear()  # another module
                continue
            folders[:] = sorted(one for one in folders if _is_looked_into(one))
            yield from _odd(place, names)


def _is_looked_into(folder: str) -> bool:
    return folder[0] not in "._" and folder not in ("testdata", "vendor", "node_modules")


def _odd(place: str, names: Iterable[str]) -> Iterator[Path]:
    for name in sorted(names):
        path = Path(place, name)
        if name[0] in "._" or path.suffix not in _OPENED:
            continue
        try:
            mode = path.stat().st_mode
        except OSError:
            continue  # it can't be opened either
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            yield path
