"""The way to a file: who may change a folder or link on it may lead it elsewhere."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

# As many as Linux follows before it says that there are too many.
_MOST_LINKS = 40


def way_to(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Every folder and link on the way to a file, and it itself, each with its own status.

    Raises OSError where the way ends: at what isn't there or can't be looked at, or in a
    circle of links.
    """
    here, links = Path("/"), 0
    yield here, here.lstat()
    todo = [*reversed(path.parts[1:])]
    while todo:
        part = todo.pop()
        if part == "..":
            here = here.parent
            continue
        step = here / part
        status = step.lstat()
        yield step, status
        if not stat.S_ISLNK(status.st_mode):
            here = step
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        to = step.readlink()
        here = Path("/") if to.is_absolute() else here
        todo += [part for part in reversed(to.parts) if part != "/"]
