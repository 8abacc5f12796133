"""Mounts of a namespace of one's own: who makes them changes nothing on disk.

Sources of bind mounts are named by open descriptors, so that they can be bound to their old
place after something was mounted over it.
ref: https://man7.org/linux/man-pages/man2/mount.2.html
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

# ref: <sched.h> and <sys/mount.h>
_CLONE_NEWNS = 0x00020000
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 262144


def enter_namespace() -> None:
    """Have mounts of one's own from now on, in this process and its children; raises OSError."""
    _call("unshare", _CLONE_NEWNS)
    _mount("none", Path("/"), "", _REC | _PRIVATE)


class Held:
    """A path that stays reachable, whatever is mounted over it."""

    def __init__(self, path: Path):
        self.path = path
        self._descriptor = os.open(path, os.O_PATH)

    def bind(self, target: Path, *, read_only: bool = False) -> None:
        """Have it at `target`, which is made."""
        if stat.S_ISDIR(os.fstat(self._descriptor).st_mode):
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        _mount(f"/proc/self/fd/{self._descriptor}", target, "", _BIND | _REC)
        if read_only:
            _mount("none", target, "", _BIND | _REMOUNT | _RDONLY)


def cover(folder: Path, mode: int = 0o755) -> None:
    """Have an empty folder in its place."""
    _mount("tests", folder, "tmpfs", 0, f"mode={mode:o}")


def open_ways(needed: Iterable[Path], also: Iterable[Path] = ()) -> set[Path]:
    """Make the needed paths reachable for everybody, and nothing else below what is closed.

    `also` are folders that are to be covered in any case.  Gives those that were covered.
    """
    # Each path, and what it leads to: both ways must be open.
    wanted = sorted({one for path in needed for one in (path.absolute(), path.resolve())})
    covered: set[Path] = set()
    # One that is needed may itself hold a closed one on the way to another.
    while folders := _outermost({*also} - covered | closed(wanted)):
        _leave_only(wanted, folders)
        covered |= folders
    return covered


def closed(needed: Iterable[Path]) -> set[Path]:
    """The folders above these that others than their owner may not pass."""
    above = {folder for path in needed for folder in path.parents}
    return {one for one in above if not one.stat().st_mode & stat.S_IXOTH}


def _outermost(folders: set[Path]) -> set[Path]:
    return {one for one in folders if not folders & set(one.parents)}


def _leave_only(needed: Sequence[Path], covered: set[Path]) -> None:
    """Cover these folders, and have in them what is needed and nothing else."""
    held = [Held(path) for path in needed if covered & set(path.parents)]
    for folder in covered:
        cover(folder, stat.S_IMODE(folder.stat().st_mode) | 0o755)
    for one in held:
        if not one.path.exists():  # what is below another that is needed came with it
            one.bind(one.path)


def _mount(source: str, target: Path, kind: str, flags: int, data: str = "") -> None:
    words = [source.encode(), os.fsencode(target), kind.encode()]
    _call("mount", *words, ctypes.c_ulong(flags), data.encode(), about=str(target))


_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object, about: str = "") -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", about or None)
