"""An archive's content compared with its manifest, without writing it anywhere."""

from __future__ import annotations

import functools
import hashlib
import io
import tempfile
from collections.abc import Iterator
from typing import IO

from go_kernel.offline.archive import Archive, Content
from go_kernel.offline.crew import Crew
from go_kernel.offline.errors import BadBundle, BundleUnwritable
from go_kernel.offline.faults import Problem, of_error, of_file
from go_kernel.offline.gofiles import GoFiles
from go_kernel.offline.manifest import File
from go_kernel.offline.progress import Counted, Progress

# A zip is looked at from its end: up to this size in memory, larger ones in a temporary file.
_IN_MEMORY = 16 << 20


def problems(archive: Archive, progress: Progress) -> list[Problem]:
    """What is wrong with the files behind the manifest, up to where it can't be read on."""
    by_go = GoFiles(archive.manifest)
    counted = Counted("verifying", archive.manifest.size, progress)
    found: list[Problem] = []
    seen: set[str] = set()
    with Crew[Problem]() as crew:
        try:
            for content in archive.files():
                path = content.entry.path
                file = archive.manifest.by_path.get(path)
                if file is None:
                    found.append(Problem(path, "extra", "the manifest doesn't name it"))
                elif path in seen:
                    found.append(Problem(path, "extra", "it comes twice"))
                else:
                    found += _file(content, file, by_go, crew, counted)
                seen.add(path)
        except BadBundle as error:
            found.append(of_error(error))
            seen.add(error.path)
        found += crew.results()
    missing = sorted(set(archive.manifest.by_path) - seen)
    return found + [Problem(path, "missing", "it isn't there") for path in missing]


def _file(
    content: Content, file: File, by_go: GoFiles, crew: Crew[Problem], counted: Counted
) -> list[Problem]:
    digest, size = hashlib.sha256(), 0
    kept = _place(content.entry.size) if by_go.wants(file.path) else None
    try:
        while chunk := content.read():
            digest.update(chunk)
            size += len(chunk)
            counted.add(len(chunk))
            if kept is not None:
                _keep(kept, chunk)
    except BaseException:
        if kept is not None:
            kept.close()
        raise
    found = [*of_file(file, size, digest.hexdigest(), content.entry.executable)]
    if kept is not None and found:
        kept.close()
    elif kept is not None:
        crew.do(functools.partial(_by_go, by_go, file.path, kept))
    return found


def _place(size: int) -> IO[bytes]:
    try:
        return io.BytesIO() if size <= _IN_MEMORY else tempfile.TemporaryFile()
    except OSError as error:
        raise _full(error) from error


def _keep(kept: IO[bytes], chunk: bytes) -> None:
    try:
        kept.write(chunk)
    except OSError as error:
        raise _full(error) from error


def _full(error: OSError) -> BundleUnwritable:
    return BundleUnwritable(tempfile.gettempdir(), error.strerror or str(error))


def _by_go(by_go: GoFiles, path: str, stream: IO[bytes]) -> Iterator[Problem]:
    with stream:
        yield from by_go.problems(path, stream)
