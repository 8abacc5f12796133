"""A bundle that is a folder, copied: by its manifest, every file the one that it names."""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import IO

from go_kernel.offline import manifest as manifests
from go_kernel.offline import paths, verify_folder
from go_kernel.offline.archive import Limits
from go_kernel.offline.crew import Crew
from go_kernel.offline.errors import (
    BadBundle,
    BundleTooLarge,
    BundleUnwritable,
    NoRoom,
    NotABundle,
)
from go_kernel.offline.faults import Problem, refuse
from go_kernel.offline.gofiles import GoFiles
from go_kernel.offline.manifest import File, Manifest
from go_kernel.offline.progress import Counted, Progress, silent

_CHUNK = 1 << 20
# What a file takes beside its content: an inode and the last block.
_A_FILE = 4096


def open_plain(path: Path, place: object) -> IO[bytes]:
    """Open a plain file to read; a named pipe would wait for ever, a link lead elsewhere.

    Raises NotABundle.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        what = "it is a link" if error.errno == errno.ELOOP else error.strerror or str(error)
        raise NotABundle(place, f"it can't be read ({what})") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # of a folder fdopen makes no stream
        os.close(descriptor)
        raise NotABundle(place, "it is no plain file")
    return os.fdopen(descriptor, "rb")


def manifest_bytes(folder: Path) -> bytes:
    """The manifest of a folder as it stands there; raises NotABundle and BundleTooLarge."""
    try:
        with open_plain(folder / paths.MANIFEST, folder) as stream:
            content = stream.read(manifests.MAX_BYTES + 1)
    except NotABundle as error:
        raise NotABundle(folder, f"its {paths.MANIFEST}: {error.reason}") from error
    if len(content) > manifests.MAX_BYTES:
        raise BundleTooLarge(folder, "it is too large", paths.MANIFEST)
    return content


def copy(
    folder: Path,
    manifest: Manifest,
    into: Path,
    limits: Limits | None = None,
    progress: Progress = silent,
) -> None:
    """Copy what `manifest` names from `folder` into the empty folder `into`, which is ours alone.

    What else is in `folder` is left there, and files get the modes that the manifest says.
    What was copied is looked at as an archive is.  Raises BadBundle (missing, altered, what
    Go doesn't take), BundleTooLarge, NoRoom, BundleUnwritable.
    """
    (limits or Limits()).check(manifest, folder)
    room_for(manifest.size + _A_FILE * len(manifest.files), into)
    counted = Counted("copying", manifest.size, progress)
    try:
        (into / paths.MANIFEST).write_bytes(manifest.to_bytes())
        (into / paths.MANIFEST).chmod(0o644)
        _copy_all(folder, manifest, into, counted)
    except OSError as error:
        raise BundleUnwritable(error.filename or into, error.strerror or str(error)) from error


def problems(folder: Path, manifest: Manifest, progress: Progress = silent) -> list[Problem]:
    """What would keep `copy` from copying it: neither modes, nor what else is in the folder."""
    files = tuple(replace(one, executable=_runs(folder / one.path)) for one in manifest.files)
    found = verify_folder.problems(folder, replace(manifest, files=files), progress)
    return [one for one in found if one.path in manifest.by_path]


def _runs(file: Path) -> bool:
    try:
        return bool(file.lstat().st_mode & 0o100)
    except OSError:
        return False


def room_for(needed: int, folder: Path) -> None:
    """Raise NoRoom where there are fewer than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise NoRoom(folder, needed, free)


def _copy_all(folder: Path, manifest: Manifest, into: Path, counted: Counted) -> None:
    made = {into}
    by_go = GoFiles(manifest)
    with Crew[Problem]() as crew:
        for file in manifest.files:
            target = into / file.path
            _make(target.parent, made)
            _copy(folder, file, target, counted)
            if by_go.wants(file.path):
                crew.do(functools.partial(by_go.problems_of, file.path, target))
        refuse(crew.results(), folder)


def _make(folder: Path, made: set[Path]) -> None:
    if folder in made:
        return
    _make(folder.parent, made)
    folder.mkdir()
    folder.chmod(0o755)  # whatever the umask
    made.add(folder)


def _copy(folder: Path, file: File, target: Path, counted: Counted) -> None:
    digest, left = hashlib.sha256(), file.size
    with _opened(folder, file) as source, target.open("xb") as stream:
        while chunk := _read(source, min(_CHUNK, left + 1), folder, file):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
            stream.write(chunk)
            counted.add(len(chunk))
        os.fchmod(stream.fileno(), 0o755 if file.executable else 0o644)
    if left:
        said = "it is truncated" if left > 0 else "it is larger than its manifest says"
        raise BadBundle(folder, said, file.path)
    if digest.hexdigest() != file.sha256:
        raise BadBundle(folder, "it was altered", file.path)


def _opened(folder: Path, file: File) -> IO[bytes]:
    try:
        return open_plain(folder / file.path, folder)
    except NotABundle as error:
        raise BadBundle(folder, error.reason, file.path) from error


def _read(source: IO[bytes], size: int, folder: Path, file: File) -> bytes:
    try:
        return source.read(size)
    except OSError as error:
        reason = f"it can't be read ({error.strerror or error})"
        raise BadBundle(folder, reason, file.path) from error
