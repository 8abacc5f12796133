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


def whom_we_trust() -> tuple[int, ...]:
    """Root and we ourselves."""
    # Within a user namespace root's own files have another owner, and so has `/`.
    return 0, os.geteuid(), Path("/").lstat().st_uid


def leads_astray(path: Path) -> tuple[Path, str] | None:
    """The first folder or link on the way to `path` that others could lead elsewhere, and why.

    Trusted are root and we ourselves.  What isn't there yet is nobody's, and a way that can't
    be looked at is believed no more than what lies at its end.  The last step is looked at
    where it is a link: whoever may change what lies there is another question.
    """
    trusted = whom_we_trust()
    try:
        for step, status in way_to(path.absolute()):
            link = stat.S_ISLNK(status.st_mode)
            if status.st_uid not in trusted and (link or step != path):
                return step, f"belongs to user {status.st_uid}"
            # In a sticky folder each may replace only what is theirs.  A group's right was
            # given by the owner: `/usr/local` has one in some distributions, homes in images.
            free = status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX
            if free and not link and step != path:
                return step, "is writable by everybody"
    except FileNotFoundError:
        return None
    except OSError as error:
        return path, f"cannot be examined ({error.strerror})"
    return None
