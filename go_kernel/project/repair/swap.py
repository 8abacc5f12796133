"""Putting new files into a project, all of them or none, whenever the process is killed.

The new and the old lie beside each other in a folder `.gokernel-repair` of the project, on
the same disk, which Go passes over for its dot.  A journal in it says what is exchanged;
for as long as it is there, the old can be put back: by the one who exchanges, or, after a
kill, by the next one who comes.  Old files are put back by renaming, so that modes and
times are what they were.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from go_kernel.files import write_json
from go_kernel.offline.staging import sync_all
from go_kernel.project.repair import content
from go_kernel.project.repair.errors import Busy, Changed, Unrestorable, Unwritable
from go_kernel.project.repair.journal import FOLDER, JOURNAL, Entry, read

_LOCK = "lock"
# Between its making and its locking the folder belongs to somebody.
_YOUNG = 10.0


@dataclass(frozen=True)
class Change:
    """A file or folder right in the project, what takes its place (None: nothing), and the
    digest of what was there when the change was shown.
    """

    name: str
    new: Path | None
    was: str


def exchange(
    root: Path, seen: Mapping[str, str], changes: Sequence[Change], prove: Callable[[], None]
) -> None:
    """Make the changes in `root` and call `prove`; where that raises, all is put back.

    `seen` are digests by names: what the changes follow from, which must still be so.
    Raises Busy, Changed, Unwritable, and what `prove` raises.
    """
    try:
        with _own_folder(root) as place:
            for name, digest in seen.items():
                if content.digest(root / name) != digest:
                    raise Changed(root / name)
            entries = _prepared(root, place, changes)
            write_json(place / JOURNAL, [one.to_dict() for one in entries], mode=0o600)
            sync_all(place)
            try:
                for entry in entries:
                    _put(root, place, entry)
                prove()
            except BaseException:
                _put_back(root, place, entries)
                raise
            (place / JOURNAL).unlink()
    except OSError as error:
        raise Unwritable(root, error) from error


def is_interrupted(root: Path) -> bool:
    """Whether a repair of this project was killed midway."""
    place = root / FOLDER
    return read(place) is not None and not _is_alive(place)


def restore(root: Path) -> None:
    """Put back what a killed repair exchanged.

    Raises Busy, Unwritable, and Unrestorable where somebody changed a file since.
    """
    place = root / FOLDER
    entries = read(place)
    if entries is None:
        return
    try:
        with _locked(root, place):
            for entry in entries:
                _check_unedited(root, place, entry)
            _put_back(root, place, entries)
            shutil.rmtree(place)
    except OSError as error:
        raise Unwritable(root, error) from error


@contextmanager
def _own_folder(root: Path) -> Iterator[Path]:
    place = root / FOLDER
    if os.path.lexists(place) and not _is_alive(place):
        if os.path.lexists(place / JOURNAL):
            raise Unrestorable(place / JOURNAL, place)
        shutil.rmtree(place)  # killed before it changed anything, or when all was done
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        raise Busy(root) from None
    with _locked(root, place):
        (place / "old").mkdir()
        (place / "new").mkdir()
        try:
            yield place
        finally:
            # While there is a journal, what was there is not all back.
            if not os.path.lexists(place / JOURNAL):
                shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _locked(root: Path, place: Path) -> Iterator[None]:
    lock = os.open(place / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(root) from None
        yield
    finally:
        os.close(lock)


def _is_alive(place: Path) -> bool:
    """Whether somebody works in the folder, or has only just made it."""
    try:
        lock = os.open(place / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        with suppress(OSError):
            return time.time() - place.lstat().st_mtime < _YOUNG
        return False
    except OSError:
        return True  # somebody else's
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _prepared(root: Path, place: Path, changes: Sequence[Change]) -> list[Entry]:
    """All that is new beside what it replaces, on the disk, before anything is touched."""
    entries = []
    for change in changes:
        old, new = root / change.name, place / "new" / change.name
        if change.new is not None:
            _copy(change.new, new, like=old)
        if content.digest(old) != change.was:
            raise Changed(old)
        is_folder = old.is_dir() or new.is_dir()
        if change.was and not is_folder:
            _keep(old, place / "old" / change.name)
        entries.append(Entry(change.name, change.was, content.digest(new), is_folder))
    return entries


def _copy(source: Path, target: Path, like: Path) -> None:
    """With the owner and the mode of what is there; folders as the person's umask has them."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        shutil.copyfile(source, target)
        target.chmod(stat.S_IMODE(like.stat().st_mode) if like.exists() else 0o644)
    owner = (like if os.path.lexists(like) else like.parent).lstat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        for above, _, names in os.walk(target):
            for name in ("", *names):
                os.chown(Path(above, name), owner.st_uid, owner.st_gid, follow_symlinks=False)
        os.chown(target, owner.st_uid, owner.st_gid)


def _keep(file: Path, kept: Path) -> None:
    """A second name for the same file, where the disk can do that."""
    try:
        kept.hardlink_to(file)
    except OSError:
        shutil.copy2(file, kept)


def _put(root: Path, place: Path, entry: Entry) -> None:
    target, old, new = root / entry.name, place / "old" / entry.name, place / "new" / entry.name
    if entry.is_folder and entry.old:
        target.rename(old)
    if entry.new:
        new.rename(target)
    elif not entry.is_folder:
        target.unlink(missing_ok=True)


def _put_back(root: Path, place: Path, entries: Sequence[Entry]) -> None:
    """What `_put` did, backwards; may be begun anew wherever it was interrupted."""
    for entry in reversed(entries):
        target, old = root / entry.name, place / "old" / entry.name
        if os.path.lexists(old):
            if entry.is_folder and os.path.lexists(target):
                _discard(target, place)
            old.rename(target)
        elif not entry.old and os.path.lexists(target):
            _discard(target, place)
    (place / JOURNAL).unlink()


def _discard(target: Path, place: Path) -> None:
    gone = place / f"gone-{time.monotonic_ns()}"
    target.rename(gone)


def _check_unedited(root: Path, place: Path, entry: Entry) -> None:
    if content.digest(root / entry.name) not in (entry.old, entry.new, ""):
        raise Unrestorable(root / entry.name, place)
