"""Where downloads and built things are kept between runs, and how they get there.

Everything in it can be made again; everything is made in a temporary folder and
renamed into place under a lock, so that two runs at once, or one that is
interrupted, leave no half of anything.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock

_NAME = "jupyter-gokernel-dev"


def dev_cache(env: Mapping[str, str]) -> Path:
    """The folder: $GOKERNEL_DEV_CACHE, else one in the user's cache; made if missing."""
    if chosen := env.get("GOKERNEL_DEV_CACHE"):
        folder = Path(chosen).absolute()
    elif base := env.get("XDG_CACHE_HOME"):
        folder = Path(base) / _NAME
    else:
        home = Path(env["HOME"]) if env.get("HOME") else Path.home()
        folder = home / ".cache" / _NAME
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def made_once(place: Path, make: Callable[[Path], None]) -> Path:
    """`place`, made by `make(temporary path)` where it isn't there yet.

    `make` creates a file or a folder at the path it is given; what it raises goes
    through, and leaves nothing behind.
    """
    if place.exists():
        return place
    with _locked(place):
        if place.exists():  # another run made it while we waited
            return place
        with tempfile.TemporaryDirectory(prefix=".making-", dir=place.parent) as temporary:
            made = Path(temporary) / place.name
            make(made)
            made.rename(place)
    return place


def filled_once(place: Path, fill: Callable[[Path], None]) -> Path:
    """As `made_once`, for a folder that holds its own path and so can't be moved into place.

    A file beside it says that `fill` came to its end; what a broken run left is removed.
    """
    stamp = place.with_name(f".filled-{place.name}")
    if stamp.exists() and place.exists():
        return place
    with _locked(place):
        if stamp.exists() and place.exists():
            return place
        stamp.unlink(missing_ok=True)
        if place.exists():
            shutil.rmtree(place)
        fill(place)
        stamp.touch()
    return place


def _locked(place: Path) -> FileLock:
    # Locks are never deleted (a deleted lock protects nobody): a folder of their own.
    locks = place.parent / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    return FileLock(locks / place.name)
