"""A bundle's folder compared with its manifest: no link is followed, nothing waits."""

from __future__ import annotations

import errno
import functools
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from go_kernel.offline import paths
from go_kernel.offline.crew import Crew
from go_kernel.offline.faults import Problem, of_file
from go_kernel.offline.gofiles import GoFiles
from go_kernel.offline.manifest import File, Manifest
from go_kernel.offline.plain import open_plain
from go_kernel.offline.progress import Counted, Progress

_CHUNK = 1 << 20


def problems(folder: Path, manifest: Manifest, progress: Progress) -> list[Problem]:
    """What is wrong with the files in `folder`, and which of them are none of the bundle's."""
    by_go = GoFiles(manifest)
    counted = Counted("verifying", manifest.size, progress)
    found: list[Problem] = []
    there: dict[str, str] = dict(_entries(folder))
    with Crew[Problem]() as crew:
        for file in sorted(manifest.files, key=lambda one: one.path):
            if there.get(file.path) == "":
                found += _file(folder, file, by_go, crew, counted)
            elif file.path not in there:
                found.append(Problem(file.path, "missing", "it isn't there"))
        found += crew.results()
    for path, odd in there.items():
        if odd:
            found.append(Problem(path, "unsafe", odd))
        elif path not in manifest.by_path and path not in {paths.MANIFEST, *paths.OF_STORE}:
            found.append(Problem(path, "extra", "the manifest doesn't name it"))
    return found


def _file(
    folder: Path, file: File, by_go: GoFiles, crew: Crew[Problem], counted: Counted
) -> list[Problem]:
    try:
        stream = open_plain(folder / file.path)
    except OSError as error:
        return [_unreadable(file.path, error)]
    kept = False
    try:
        executable = bool(os.fstat(stream.fileno()).st_mode & 0o100)
        digest, size = hashlib.sha256(), 0
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            counted.add(len(chunk))
        found = [*of_file(file, size, digest.hexdigest(), executable)]
        if not found and by_go.wants(file.path):
            kept = True
            crew.do(functools.partial(_by_go, by_go, file.path, stream))
        return found
    except OSError as error:
        return [_unreadable(file.path, error)]
    finally:
        if not kept:
            stream.close()


def _by_go(by_go: GoFiles, path: str, stream: IO[bytes]) -> Iterator[Problem]:
    with stream:
        try:
            yield from by_go.problems(path, stream)
        except OSError as error:
            yield _unreadable(path, error)


def _entries(folder: Path) -> Iterator[tuple[str, str]]:
    """What is in a folder but folders: its name, and "" or what is odd about it."""
    pending = [""]
    while pending:
        under = pending.pop()
        try:
            entries = list(os.scandir(folder / under))
        except OSError as error:
            yield under, f"it can't be read ({error.strerror or error})"
            continue
        for entry in entries:
            path = f"{under}/{entry.name}" if under else entry.name
            if entry.is_symlink():
                yield path, "it is a symbolic link"
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path)
            else:
                yield path, "" if entry.is_file(follow_symlinks=False) else "it is no plain file"


def _unreadable(path: str, error: OSError) -> Problem:
    if error.errno == errno.ENOENT:
        return Problem(path, "missing", "it isn't there")
    return Problem(path, "unsafe", f"it can't be read ({error.strerror or error})")
