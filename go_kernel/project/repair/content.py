"""What a file or folder holds, as one value to compare by; nothing but plain files is opened."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel.digests import sha256

# A go.sum of the largest projects has 1 MB.
_MOST = 16 * 2**20


class NotPlain(Exception):
    """Something is there that is no plain file of a sane size; the reason is half a sentence."""


@dataclass(frozen=True)
class Folder:
    """The files below a folder by their paths in it: a hash each, or what they are instead."""

    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """One hash over all."""
        whole = hashlib.sha256()
        for name in sorted(self.files):
            whole.update(os.fsencode(f"{name}\0{self.files[name]}\0"))
        return whole.hexdigest()


EMPTY = Folder({})


def plain(file: Path) -> bytes | None:
    """A file's bytes; None where there is nothing.  Raises NotPlain and OSError."""
    try:
        status = file.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        raise NotPlain(f"is a link to {os.readlink(file)}")  # noqa: PTH115
    if not stat.S_ISREG(status.st_mode):
        raise NotPlain("is no plain file")
    if status.st_size > _MOST:
        raise NotPlain(f"has {status.st_size / 1e6:.0f} MB, and 16 MB is the most")
    return file.read_bytes()


def folder(place: Path) -> Folder | None:
    """What is below a folder; None where there is nothing.  Raises NotPlain and OSError."""
    try:
        status = place.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        raise NotPlain(f"is a link to {os.readlink(place)}")  # noqa: PTH115
    if not stat.S_ISDIR(status.st_mode):
        raise NotPlain("is no folder")
    files: dict[str, str] = {}
    for above, folders, names in os.walk(place, onerror=_raise):
        links = [name for name in folders if Path(above, name).is_symlink()]
        for name in (*names, *links):
            file = Path(above, name)
            files[str(file.relative_to(place))] = _of(file)
    return Folder(files)


def of_bytes(data: bytes | None) -> str:
    """As `digest`, of a plain file with these bytes; "" for None."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def digest(place: Path) -> str:
    """One hash of what is at `place`, whatever it is; "" where there is nothing."""
    if not os.path.lexists(place):
        return ""
    if place.is_dir() and not place.is_symlink():
        found = folder(place)
        return found.digest if found else ""
    return _of(place)


def _of(file: Path) -> str:
    mode = file.lstat().st_mode
    if stat.S_ISLNK(mode):
        return f"link to {os.readlink(file)}"  # noqa: PTH115
    if not stat.S_ISREG(mode):
        return "no plain file"
    return sha256(file)


def _raise(error: OSError) -> None:
    raise error
