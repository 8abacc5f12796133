"""Files written whole or not at all, and who else may write them.

Everything that others rely on (kernelspecs, manifests, cached variables) is
written beside its place and renamed into it: a reader sees the old file or the
new one, never half of one.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
import struct
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any


def write_atomic(path: Path, data: bytes | str, *, mode: int = 0o644) -> None:
    """Write `data` to `path` with `mode`, whole or not at all.

    Raises OSError as the file system gives it; nothing is left behind then.
    """
    content = data.encode() if isinstance(data, str) else data
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), mode)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def write_json(path: Path, value: object, *, mode: int = 0o644) -> None:
    """Write `value` as JSON that a person can read, whole or not at all."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        content = text.encode()
    except UnicodeEncodeError:  # a path that is no UTF-8: escaped, it comes back as it was
        content = json.dumps(value, indent=2).encode()
    write_atomic(path, content + b"\n", mode=mode)


def read_json(path: Path) -> Any:
    """The JSON in `path`, or None where there is no such file or it is no JSON."""
    try:
        return json.loads(path.read_bytes()) if is_file(path) else None
    except (OSError, ValueError, RecursionError):
        return None


# pathlib's own raise PermissionError below a folder that may not be entered (before
# Python 3.14), and HOME or a colleague's environment may well be such a folder.
def exists(path: Path | str) -> bool:
    """Whether there is anything that we can see at `path`; never raises."""
    return os.path.exists(path)  # noqa: PTH110


def is_file(path: Path | str) -> bool:
    """Whether `path` is a regular file that we can see; never raises."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: Path | str) -> bool:
    """Whether `path` is a folder that we can see; never raises."""
    return os.path.isdir(path)  # noqa: PTH112


def is_forbidden(path: Path) -> bool:
    """Whether a folder above `path` may not be entered, so that nobody knows what is there."""
    try:
        path.stat()
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def is_noexec(path: Path) -> bool:
    """Whether `path` is on a file system from which no program may be run; False if unknown.

    Python knows the flag on Linux alone.
    """
    try:
        return bool(os.statvfs(path).f_flag & getattr(os, "ST_NOEXEC", 0))
    except OSError:
        return False


def writable(folder: Path | str) -> bool:
    """Whether files can be made and replaced in a folder."""
    return os.access(folder, os.W_OK | os.X_OK)


def nearest_existing(path: Path) -> Path:
    """`path`, or the first folder above it that is there: where it would be made."""
    while not exists(path) and path != path.parent:
        path = path.parent
    return path


def private_folder(path: Path) -> Path:
    """Make `path` a folder that only its owner may use; give it back.

    One that is there stays as it is, and missing parents are made as usual.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def foreign_writer(path: Path, *, any_owner: bool = False, owner: int | None = None) -> str:
    """Why `path` could have been written by somebody we don't trust; "" where it couldn't.

    Trusted are root and we ourselves; `owner` as well (the user id of a colleague who
    keeps an environment for everybody); with `any_owner`, whoever it belongs to; but
    still nobody else.  A symbolic link counts as what it points at.  A path that can't
    be looked at counts as untrusted: what can't be checked isn't believed.  A sticky
    folder is no better than another: what is in it is safe there, but everybody may
    put more into it.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        return f"cannot be examined ({getattr(error, 'strerror', None) or error})"
    if not any_owner and status.st_uid not in (0, os.geteuid(), owner):
        return f"belongs to user {status.st_uid}"
    return more_writers(path, status)


def more_writers(path: Path, status: os.stat_result, *, mine: bool = False) -> str:
    """Who but its owner may write `path`, whose status that is; "" where nobody may.

    A group that is its owner's alone is no more than the owner; with `mine`, neither is
    one that is ours alone.
    """
    if status.st_mode & stat.S_IWOTH:
        return "is writable by everybody"
    if status.st_mode & stat.S_IWGRP:
        if _more_may_write(path):
            return "is writable by more than its owner and group, by an access list"
        users = (status.st_uid, os.geteuid()) if mine else (status.st_uid,)
        if not any(_own_group(status, user) for user in users):
            return f"is writable by group {status.st_gid}"
    return ""


def others_may_read(path: Path) -> bool:
    """Whether others than its owner may read a file: by its own mode and all folders above."""
    try:
        status = path.stat()
        above = [folder.stat() for folder in path.resolve().parents]
    except (OSError, ValueError):
        return False
    everybody = all(folder.st_mode & stat.S_IXOTH for folder in above)
    group = all(folder.st_mode & (stat.S_IXOTH | stat.S_IXGRP) for folder in above)
    by_group = status.st_mode & stat.S_IRGRP and not _own_group(status, status.st_uid)
    return bool((status.st_mode & stat.S_IROTH and everybody) or (by_group and group))


def _own_group(status: os.stat_result, user: int) -> bool:
    """Whether the group of a file is this user's alone, as Debian and Fedora make one for each.

    Such a group has its user's name.  The same number alone says nothing: a group's list
    of members leaves out all whose primary group it is.
    """
    if status.st_gid not in (user, 0):
        return False
    try:
        owner = pwd.getpwuid(user).pw_name
    except KeyError:
        return True  # as in containers, where a number without a name shares with nobody
    try:
        group = grp.getgrgid(status.st_gid)
    except KeyError:
        return False
    return group.gr_name == owner and set(group.gr_mem) <= {owner, "root"}


# ref: https://man7.org/linux/man-pages/man5/acl.5.html; the attribute's layout is the kernel's
# include/uapi/linux/posix_acl_xattr.h: a version, then tag, permissions and id of each entry.
_ACL = "system.posix_acl_access"
_ACL_ENTRY = struct.Struct("<HHI")
_ACL_USER, _ACL_GROUP, _ACL_WRITE = 0x02, 0x08, 0x02


def _more_may_write(path: Path) -> bool:
    """Whether an access list names a user or group that may write.

    With such a list the group bits of the mode show the most that anybody in it may do.
    """
    if not hasattr(os, "getxattr"):
        return False
    try:
        content = os.getxattr(path, _ACL)
    except OSError:
        return False
    entries = content[4 : 4 + (len(content) - 4) // _ACL_ENTRY.size * _ACL_ENTRY.size]
    return any(
        tag in (_ACL_USER, _ACL_GROUP) and permissions & _ACL_WRITE and number != 0
        for tag, permissions, number in _ACL_ENTRY.iter_unpack(entries)
    )
