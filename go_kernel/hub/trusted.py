"""Whether nobody but root and the Hub's own user could have written a file.

The Hub runs an environment's activation scripts with its own rights, often root's.  So
it is not enough that a script is its owner's: nobody else may be able to put another
file, folder or link in its place, all the way up to the root folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from go_kernel.files import foreign_writer
from go_kernel.ways import way_to


def problem(prefix: Path, parts: Iterable[Path]) -> str:
    """Why a prefix is not to be trusted: a sentence's end that names the path; "" where it is.

    `parts` are those of its files and folders that count, below it.  Of what
    isn't there counts who may put something there.  Raises OSError for links
    in a circle, and for what can't be read.
    """
    for path in dict.fromkeys((prefix, *parts)):
        found = _on_the_way(path)
        if found:
            return found
    return ""


def _on_the_way(path: Path) -> str:
    last = None
    try:
        for place, status in way_to(path):
            if stat.S_ISLNK(status.st_mode) or status.st_mode & stat.S_ISVTX:
                # Nobody may write a link; in a sticky folder each may replace what is theirs.
                found = _of_others(status)
            else:
                found = foreign_writer(place)
            if found:
                return f"{place} {found}"
            last = place
    except FileNotFoundError as error:
        last = Path(error.filename).parent
    except PermissionError as error:
        return f"{path} cannot be examined ({error.strerror})"
    # Into a sticky folder everybody may put more: as the last one it won't do.
    found = foreign_writer(last) if last else ""
    return f"{last} {found}" if found else ""


def _of_others(status: os.stat_result) -> str:
    mine = status.st_uid in (0, os.geteuid())
    return "" if mine else f"belongs to user {status.st_uid}"
