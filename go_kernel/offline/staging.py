"""Changing a store so that a bundle is in it whole or not at all.

What is being made lies in a folder `.new-…` of the store, locked for as long as its maker
lives, and is renamed into its place.  What a killed one left goes with the next change.  A
lock on the whole store is held for moments only: to begin, to rename, to sweep.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NEW = ".new-"
_LOCK = ".lock"
# Between its making and its locking a folder belongs to somebody who holds the store's lock;
# who only looks can't see that lock, and so believes this many seconds.
_YOUNG = 60.0


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Be the only one who changes the store; waits for others; raises OSError."""
    lock = _open_lock(store / _LOCK)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def staging(store: Path) -> Iterator[Path]:
    """A new private folder in the store, which goes afterwards with all that is still in it.

    What the dead left goes first.  Raises OSError.
    """
    with locked(store):
        sweep_locked(store)
        folder = Path(tempfile.mkdtemp(prefix=NEW, dir=store))
        try:
            lock = _open_lock(folder / _LOCK)
        except OSError:  # a full disk
            shutil.rmtree(folder, ignore_errors=True)
            raise
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def place(content: Path, target: Path) -> None:
    """Rename `content`, in a folder of `staging`, to `target`; for who holds the store's lock.

    What is there is put aside, into the same folder.  Raises OSError.
    """
    if os.path.lexists(target):
        set_aside(target, content.parent)
    content.rename(target)
    _sync(target.parent)


def set_aside(target: Path, folder: Path) -> None:
    """Rename `target` into a folder of `staging`, with which it goes; raises OSError."""
    target.rename(Path(tempfile.mkdtemp(prefix="old-", dir=folder)) / target.name)
    _sync(target.parent)


def sweep(store: Path) -> list[Path]:
    """Remove what the dead left in the store; give back what is gone.  Raises OSError."""
    with locked(store):
        return sweep_locked(store)


def sweep_locked(store: Path) -> list[Path]:
    """As `sweep`, for who holds the store's lock."""
    dead = [folder for folder in _new(store) if _is_dead(folder)]
    for folder in dead:
        if folder.is_symlink():  # ours are none, and rmtree leaves them
            folder.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
    return [folder for folder in dead if not os.path.lexists(folder)]


def leftovers(store: Path) -> list[Path]:
    """What the dead left, by looking alone; raises OSError where the store can't be read."""
    now = time.time()
    return [
        folder
        for folder in _new(store)
        if _is_dead(folder) and (_has_lock(folder) or now - _made(folder) > _YOUNG)
    ]


def sync_all(folder: Path) -> None:
    """Have all that was written to the file system of `folder` on its disk; raises OSError.

    A GOROOT has 15 000 files: one call for each takes minutes on some disks.
    """
    sync = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if sync is None:  # macOS
        for above, _, names in os.walk(folder):
            for name in names:
                _sync(Path(above, name))
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if sync(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)


def _new(store: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(store))  # noqa: PTH208
    except FileNotFoundError:
        return []
    return [store / name for name in names if name.startswith(NEW)]


def _is_dead(folder: Path) -> bool:
    """Whether nobody holds its lock; one without a lock is dead to who holds the store's."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False  # not ours
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True


def _has_lock(folder: Path) -> bool:
    return os.path.lexists(folder / _LOCK)


def _made(folder: Path) -> float:
    with suppress(OSError):
        return folder.lstat().st_mtime
    return time.time()


def _open_lock(path: Path) -> int:
    # Nobody else may open it: who may could hold it for ever.
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some file systems can't sync a folder
            raise
    finally:
        os.close(descriptor)
