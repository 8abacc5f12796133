"""Whether nobody but root and the Hub's own user could have written anything in a prefix.

A script runs with the prefix' programs first on PATH, and reads what it likes there: each
file counts, not the scripts alone.  So the whole prefix is walked, and with it what links
lead to outside of it.  That takes a part of a second for an environment with Go; what
came of it is remembered for some minutes.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from go_kernel.hub import trusted

MOST = 300_000
_SECONDS_KEPT = 600
# It may have been slow because nothing of it was in the memory of the system.
_SECONDS_TOO_SLOW_IS_KEPT = 30
_MOST_REMEMBERED = 200

_Stamp = tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class _Known:
    stamp: _Stamp
    until: float
    problem: str


class _Enough(Exception):
    """The walk ends: why the prefix is not to be trusted."""


_known: dict[Path, _Known] = {}
_lock = Lock()


def problem(prefix: Path, seconds: float, most: int = MOST) -> str:
    """Why a prefix is not to be trusted: a sentence's end that names a path; "" where it is.

    The walk ends after `seconds` or `most` files; such a prefix is not trusted.  An answer
    is remembered as long as neither the prefix' folder nor its list of packages has
    changed, and for ten minutes at most.  Raises OSError for what can't be read.
    """
    place = prefix.resolve()
    stamp = _stamp(place)
    with _lock:
        known = _known.get(place)
    if known and known.stamp == stamp and time.monotonic() < known.until:
        return known.problem
    walk = _Walk(place, time.monotonic() + seconds, seconds, most)
    try:
        walk.all()
        found = ""
    except _Enough as ended:
        found = str(ended)
    kept = _SECONDS_TOO_SLOW_IS_KEPT if walk.slow else _SECONDS_KEPT
    with _lock:
        _known[place] = _Known(stamp, time.monotonic() + kept, found)
        while len(_known) > _MOST_REMEMBERED:
            del _known[next(iter(_known))]
    return found


def _stamp(place: Path) -> _Stamp:
    """What changes when packages come or go, or the folder is another one."""
    statuses = [place.stat()]
    with suppress(FileNotFoundError):
        statuses.append((place / "conda-meta").stat())
    return tuple((s.st_dev, s.st_ino, s.st_mtime_ns, s.st_ctime_ns) for s in statuses)


@dataclass
class _Walk:
    """One walk; all of it is looked at by `lstat`, so that a link is seen as a link."""

    prefix: Path
    until: float
    seconds: float
    most: int
    slow: bool = False
    _todo: list[str] = field(default_factory=list)
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _count: int = 0

    def all(self) -> None:
        """Raise _Enough at the first file that others could write, or at too many."""
        self._todo = [str(self.prefix)]
        while self._todo:
            folder = self._todo.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        self._one(folder, entry)
            except PermissionError as error:
                raise _Enough(f"{folder} cannot be examined ({error.strerror})") from error

    def _one(self, folder: str, entry: os.DirEntry[str]) -> None:
        self._count += 1
        if self._count > self.most:
            raise _Enough(f"{self.prefix} and what its links lead to hold over {self.most} files")
        # The clock is asked for a few at a time; a folder may have a hundred thousand.
        if not self._count % 64 and time.monotonic() > self.until:
            self.slow = True
            raise _Enough(f"{self.prefix} could not be looked through within {self.seconds:g} s")
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return  # gone meanwhile, by somebody who may
        found = trusted.writers(status)
        if found:
            raise _Enough(f"{entry.path} {found}")
        if stat.S_ISDIR(status.st_mode):
            self._todo.append(entry.path)
        elif stat.S_ISLNK(status.st_mode):
            self._follow(folder, entry.path)

    def _follow(self, folder: str, link: str) -> None:
        target = str(Path(link).readlink())
        if self._stays(folder, target):
            return  # it is met on the walk
        try:
            found = trusted.problem(Path(link), ())
            if found:
                raise _Enough(found)
            status = Path(link).stat()
        except FileNotFoundError:
            return  # and nobody else may put something there
        except OSError as error:
            raise _Enough(f"{link} can't be followed ({error.strerror})") from error
        key = status.st_dev, status.st_ino
        if stat.S_ISDIR(status.st_mode) and key not in self._seen:
            self._seen.add(key)
            self._todo.append(os.path.realpath(link))

    def _stays(self, folder: str, target: str) -> bool:
        """Whether a link leads to within the prefix, by its text alone.

        Not where it goes up again after going down: that may be by another link.
        """
        steps = [step for step in target.split("/") if step not in ("", ".")]
        down = [step for step in steps if step != ".."]
        if steps != [".."] * (len(steps) - len(down)) + down:
            return False
        whole = os.path.normpath(os.path.join(folder, target))  # noqa: PTH118
        return whole.startswith(f"{self.prefix}/") or whole == str(self.prefix)
