"""Whether nobody but root and the Hub's own user could have written a file.

The Hub runs an environment's activation scripts with its own rights, often root's.  So
it is not enough that a script is its owner's: nobody else may be able to put another
file, folder or link in its place, all the way up to the root folder.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from go_kernel.files import foreign_writer

# As many as Linux follows before it says that there are too many.
_MOST_LINKS = 40


def problem(prefix: Path, parts: Iterable[Path]) -> str:
    """Why a prefix is not to be trusted: a sentence's end that names the path; "" where it is.

    `parts` are those of its files and folders that count, relative or below it.  Raises
    OSError for links in a circle, and for what can't be read.
    """
    for path in dict.fromkeys((prefix, *(prefix / part for part in parts))):
        if not os.path.lexists(path):
            continue
        for place, is_last in _walked(path):
            found = _writable_by(place, is_last)
            if found:
                return f"{place} {found}"
    return ""


def _writable_by(path: Path, is_last: bool) -> str:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return ""  # who may put something there was asked of its folder
    except OSError as error:
        return f"cannot be examined ({error.strerror})"
    if stat.S_ISLNK(status.st_mode) or (not is_last and status.st_mode & stat.S_ISVTX):
        # Nobody may write a link; in a sticky folder each may only replace what is theirs.
        trusted = status.st_uid in (0, os.geteuid())
        return "" if trusted else f"belongs to user {status.st_uid}"
    return foreign_writer(path)


def _walked(path: Path) -> Iterator[tuple[Path, bool]]:
    """Every folder and link on the way to what `path` leads to; True with the last."""
    left = list(reversed(path.parts[1:]))
    here = Path("/")
    yield here, not left
    links = 0
    while left:
        part = left.pop()
        here = here.parent if part == ".." else here / part
        if here.is_symlink():
            yield here, False
            links += 1
            if links > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
            target = here.readlink()
            left += reversed(target.parts[1:] if target.is_absolute() else target.parts)
            here = Path("/") if target.is_absolute() else here.parent
        else:
            yield here, not left
