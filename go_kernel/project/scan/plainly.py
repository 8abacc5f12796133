"""The bytes of a file that anybody may have put there: no pipe, no device, no endless file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from go_kernel.project.scan.model import Unread

# Ten thousand requires have half a megabyte.
_MOST = 4 * 2**20


def content(file: Path) -> bytes | Unread:
    """What is in `file`, or why that can't be said; never waits for anybody."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return Unread(_reason(file, error))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Unread("it is no plain file")
        if status.st_size > _MOST:
            megabytes = status.st_size / 2**20
            return Unread(f"it has {megabytes:.0f} MB, and {_MOST // 2**20} MB is the most")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(_MOST)
    except OSError as error:
        return Unread(_reason(file, error))
    finally:
        os.close(descriptor)


def _reason(file: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and file.is_symlink():
        return "it is a link to nothing"
    if isinstance(error, PermissionError):
        return "you may not read it"
    return (error.strerror or str(error)).lower()
