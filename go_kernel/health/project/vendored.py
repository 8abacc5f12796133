"""A replaced module in a vendor folder: is the copy what the folder holds now?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from go_kernel.digests import sha256
from go_kernel.files import is_file, is_folder
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import warn
from go_kernel.health.project.directives import Replace
from go_kernel.health.project.looked import REPAIR, Looked

# Beyond that many files it is taken for the same.
_MOST = 5000


def look(looked: Looked, one: Replace) -> Finding | None:
    """What was changed in the folder since it was vendored has no effect."""
    vendor = looked.force.vendor
    if vendor is None or not vendor.used or one.target is None:
        return None
    copy = vendor.folder / one.path
    differing = next(_differing(copy, one.target), None) if is_folder(copy) else None
    if differing is None:
        return None
    work = looked.force.gowork
    words = ("work", "vendor") if work else ("mod", "vendor")
    return warn(
        f"The replace of {one.path} by {one.target} has no effect: packages come from "
        f"{vendor.folder} ({vendor.why}), where {differing} is not what stands there now.",
        Remedy("Vendor it anew", (looked.command(*words, folder=work.parent if work else None),)),
        evidence=f"{one.file}: {one}\n{copy / differing}\n{one.target / differing}",
        fix=REPAIR,
    )


def _differing(copy: Path, source: Path) -> Iterator[Path]:
    """Files of the copy that are others in the source, and Go files that it lacks."""
    count = 0
    for place, folders, names in os.walk(copy):
        folders.sort()
        for name in sorted(names):
            count += 1
            if count > _MOST:
                return
            relative = Path(place, name).relative_to(copy)
            if not _same(copy / relative, source / relative):
                yield relative
        beside = source / Path(place).relative_to(copy)
        # Whoever vendors leaves tests out, and folders that nothing imports.
        own = set(names)
        for file in sorted(beside.glob("*.go")) if is_folder(beside) and own else ():
            if file.name not in own and not file.name.endswith("_test.go") and is_file(file):
                yield file.relative_to(source)


def _same(copy: Path, source: Path) -> bool:
    try:
        if not (is_file(copy) and is_file(source)):
            return not is_file(copy)
        return copy.stat().st_size == source.stat().st_size and sha256(copy) == sha256(source)
    except OSError:
        return True  # what can't be read isn't known to differ
