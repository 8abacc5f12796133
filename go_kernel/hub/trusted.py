"""Whether nobody but root and the Hub's own user could have written a file.

The Hub runs an environment's activation scripts with its own rights, often root's.  So
it is not enough that a script is its owner's: nobody else may be able to put another
file, folder or link in its place, all the way up to the root folder.  A group is always
somebody else here, whatever its name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

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


def writers(status: os.stat_result) -> str:
    """Who else could change what has this status; "" for nobody.

    Where an access list lets more people write, the group's bit is set, too.
    """
    if status.st_uid not in (0, os.geteuid()):
        return f"belongs to user {status.st_uid}"
    if stat.S_ISLNK(status.st_mode):
        return ""  # nobody may write a link
    if status.st_mode & stat.S_IWOTH:
        return "is writable by everybody"
    if status.st_mode & stat.S_IWGRP:
        return f"is writable by group {status.st_gid}"
    return ""


def _on_the_way(path: Path) -> str:
    last = None
    try:
        for place, status in way_to(path):
            # In a sticky folder each may only replace what is theirs.
            sticky = status.st_mode & stat.S_ISVTX and status.st_uid in (0, os.geteuid())
            found = "" if sticky else writers(status)
            if found:
                return f"{place} {found}"
            last = place, status
    except FileNotFoundError as error:
        missing_in = Path(error.filename).parent
        last = missing_in, missing_in.stat()
    except PermissionError as error:
        return f"{path} cannot be examined ({error.strerror})"
    # Into a sticky folder everybody may put more: as the last one it won't do.
    found = writers(last[1]) if last else ""
    return f"{last[0]} {found}" if last and found else ""
