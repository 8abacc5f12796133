"""A kernel's own scratch folder: made before it starts, removed after it ended.

Each folder holds a lock file that is locked for as long as the kernel lives, by the
process that launched it or by the kernel itself.  Locks end with their process,
however it ended, so a folder whose lock can be had belongs to the dead and goes at the
next start.
"""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from go_kernel.files import private_folder
from go_kernel.findings import GoKernelError

_LOCK = ".lock"
KERNELS = "kernel-"


class NoScratch(GoKernelError):
    """No scratch folder can be made."""

    id = "scratch.unwritable"

    def __init__(self, folder: Path, error: OSError):
        super().__init__(
            f"The kernel's scratch folder can't be made in {folder}: {error.strerror or error}.",
            "Make room there or make it writable, or set XDG_CACHE_HOME to another folder.",
        )
        self.folder = folder


@dataclass(frozen=True)
class Scratch:
    """A folder and the descriptor that keeps it locked."""

    folder: Path
    lock: int

    def release(self) -> None:
        """Remove the folder and let go of the lock."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)


def make(base: Path, *, inherit: bool = False, prefix: str = KERNELS) -> Scratch:
    """Make a locked folder in `base`; with `inherit` the lock survives an exec.

    `prefix` begins its name, by which `sweep` knows it.  Raises NoScratch.
    """
    try:
        private_folder(base)
        while True:
            own = _locked(Path(tempfile.mkdtemp(prefix=prefix, dir=base)))
            if own is not None:
                os.set_inheritable(own.lock, inherit)
                return own
    except OSError as error:
        raise NoScratch(base, error) from error


def _locked(folder: Path) -> Scratch | None:
    """The new folder, locked; None where a sweep took it before it was."""
    path = folder / _LOCK
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if path.exists():
        return Scratch(folder, lock)
    os.close(lock)
    return None


def sweep(base: Path, prefix: str = KERNELS) -> list[Path]:
    """Remove the folders of kernels that are gone; give back which."""
    return [folder for folder in _folders(base, prefix) if _remove_if_dead(folder)]


def _folders(base: Path, prefix: str) -> Iterator[Path]:
    try:
        yield from sorted(base.glob(f"{glob.escape(prefix)}*"))
    except OSError:
        return


def _remove_if_dead(folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False  # being made at this moment, or not ours
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return False  # its kernel lives
    finally:
        os.close(lock)
    return True
