"""Files written whole or not at all, and who else may write them.

Everything that others rely on (kernelspecs, manifests, cached variables) is
written beside its place and renamed into it: a reader sees the old file or the
new one, never half of one.
"""

from __future__ import annotations

import json
import os
import stat
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
    write_atomic(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n", mode=mode)


def read_json(path: Path) -> Any:
    """The JSON in `path`, or None where there is no such file or it is no JSON."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def private_folder(path: Path) -> Path:
    """Make `path` (and its parents) a folder that only its owner may use; give it back."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def foreign_writer(path: Path, *, any_owner: bool = False) -> str:
    """Why `path` could have been written by somebody we don't trust; "" where it couldn't.

    Trusted are root and we ourselves; with `any_owner`, whoever it belongs to (an
    environment that a colleague keeps for everybody), but still nobody else.
    A symbolic link counts as what it points at.  A path that can't be looked at
    counts as untrusted: what can't be checked isn't believed.
    """
    try:
        status = path.stat()
    except OSError as error:
        return f"cannot be examined ({error.strerror})"
    if not any_owner and status.st_uid not in (0, os.geteuid()):
        return f"belongs to user {status.st_uid}"
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        return "is writable by everybody"
    if status.st_mode & stat.S_IWGRP and not _own_group(status):
        return f"is writable by group {status.st_gid}"
    return ""


def _own_group(status: os.stat_result) -> bool:
    # User-private groups (Debian, Fedora) make files group-writable for nobody else.
    return status.st_gid == status.st_uid or status.st_gid == 0
