"""Is the module cache what was downloaded?"""

from __future__ import annotations

import time
from pathlib import Path

from go_kernel.files import is_folder
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Check, Kind, info, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.live.poison import Looked, poisoned

_SECONDS = 60.0
# For the one module that is being hashed when the time is up.
_TO_FINISH = 15.0
_NAMED = 20


def intact(context: Context) -> Finding:
    """Compare every unpacked module with its hash, for as long as there is time."""
    place = context.resolved.environment.get("GOMODCACHE")
    modcache = Path(place)
    if not place or not is_folder(modcache):
        return skipped("There is no module cache yet.", place)
    context.progress(f"hashing the modules in {modcache}")
    return _told(modcache, poisoned(modcache, time.monotonic() + _SECONDS - _TO_FINISH))


def _told(modcache: Path, seen: Looked) -> Finding:
    count = _spoken(seen)
    if seen.poisoned:
        return warn(
            f"In the module cache {modcache} {_listed(len(seen.poisoned))} not what was "
            "downloaded: imports compile changed sources.",
            Remedy("Remove what was changed; it is downloaded again when it is needed."),
            evidence="\n".join([*map(str, seen.poisoned[:_NAMED]), count]),
            fix="modcache.clear",
        )
    if seen.unreadable:
        return info(
            f"Of the modules in {modcache} {len(seen.unreadable)} can't be read.",
            Remedy("Make them readable for yourself, or set GOMODCACHE to a folder of yours."),
            evidence="\n".join([*map(str, seen.unreadable[:_NAMED]), count]),
        )
    return ok(f"The module cache {modcache} is what was downloaded.", count)


def _spoken(seen: Looked) -> str:
    if seen.looked < seen.total:
        return f"{seen.looked} of {seen.total} modules hashed, then the time was up"
    return f"{seen.total} modules hashed"


def _listed(count: int) -> str:
    return "a module is" if count == 1 else f"{count} modules are"


INTACT = Check(
    id="modcache.intact",
    title="Downloaded modules are as they were downloaded",
    run=intact,
    broken_by="Somebody edited, added or removed a file below GOMODCACHE.",
    mended_by="Removing the changed modules; Go downloads them again.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
    fixes=("modcache.clear",),
)
