"""Unpacking a bundle: every file is the one that the manifest names, or nothing is believed."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from go_kernel.offline import paths
from go_kernel.offline.archive import Archive, Content
from go_kernel.offline.archive import Limits as Limits
from go_kernel.offline.crew import Crew
from go_kernel.offline.errors import BadBundle, BundleUnwritable, NoRoom
from go_kernel.offline.faults import Problem, of_file, refuse
from go_kernel.offline.gofiles import GoFiles
from go_kernel.offline.manifest import File, Manifest
from go_kernel.offline.progress import Counted, Progress, silent

# What a file takes beside its content: an inode and the last block.
_A_FILE = 4096


def unpack(
    stream: IO[bytes],
    into: Path,
    limits: Limits | None = None,
    progress: Progress = silent,
    place: object = "",
) -> Manifest:
    """Unpack the archive in `stream` into the empty folder `into`; give back its manifest.

    `into` must be the caller's alone, and the caller throws it away after an error:
    what had come until then is in it.  Files get the modes 0644 and 0755, folders 0755,
    whatever the umask.  `place` is what errors call the archive (by default the
    stream's name); `progress` takes lines.  All is looked at that `verify` looks at.

    Raises BadBundle (truncated, altered, missing, extra, hostile), BundleTooLarge,
    BundleTooNew, NotABundle, NoRoom, BundleUnwritable.
    """
    place = place or getattr(stream, "name", "archive")
    archive = Archive(stream, limits or Limits(), place)
    manifest = archive.manifest
    try:
        _check_room(into, manifest)
        _plain_file(into / paths.MANIFEST, 0o644, archive.manifest_bytes)
        _unpack_files(archive, into, place, Counted("unpacking", manifest.size, progress))
    except OSError as error:
        raise BundleUnwritable(error.filename or into, error.strerror or str(error)) from error
    return manifest


def _check_room(into: Path, manifest: Manifest) -> None:
    needed = manifest.size + _A_FILE * len(manifest.files)
    free = shutil.disk_usage(into).free
    if needed > free:
        raise NoRoom(into, needed, free)


def _unpack_files(archive: Archive, into: Path, place: object, counted: Counted) -> None:
    left = dict(archive.manifest.by_path)
    made = {into}
    by_go = GoFiles(archive.manifest)
    with Crew[Problem]() as crew:
        for content in archive.files():
            file = left.pop(content.entry.path, None)
            if file is None:
                known = content.entry.path in archive.manifest.by_path
                reason = "it comes twice" if known else "its manifest doesn't name it"
                raise BadBundle(place, reason, content.entry.path, kind="extra")
            target = into / file.path
            _folders(target.parent, made)
            refuse(_write(content, file, target, counted), place)
            if by_go.wants(file.path):
                crew.do(functools.partial(by_go.problems_of, file.path, target))
        if left:
            raise BadBundle(place, "it is missing", min(left), kind="missing")
        refuse(crew.results(), place)


def _folders(folder: Path, made: set[Path]) -> None:
    if folder in made:
        return
    _folders(folder.parent, made)
    folder.mkdir()
    folder.chmod(0o755)
    made.add(folder)


def _write(content: Content, file: File, target: Path, counted: Counted) -> Iterable[Problem]:
    digest, size = hashlib.sha256(), 0
    # What exists is never opened: two names can be one file on a disk that knows no case.
    with target.open("xb") as stream:
        while chunk := content.read():
            digest.update(chunk)
            size += len(chunk)
            if size > file.size:  # there was room for what the manifest says
                break
            stream.write(chunk)
            counted.add(len(chunk))
        os.fchmod(stream.fileno(), 0o755 if file.executable else 0o644)
    return of_file(file, size, digest.hexdigest(), content.entry.executable)


def _plain_file(path: Path, mode: int, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        os.fchmod(stream.fileno(), mode)
