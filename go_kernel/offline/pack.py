"""Writing a bundle: a folder becomes one archive, of the same bytes for the same content."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from go_kernel.offline import paths, tar
from go_kernel.offline.errors import BundleUnwritable
from go_kernel.offline.manifest import File, Manifest
from go_kernel.offline.progress import Counted, Progress, silent

# The higher ones take minutes for a GOROOT and save some percent; zips are compressed as it is.
_LEVEL = 6
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Packed:
    """An archive that was written: its SHA-256 in hexadecimal, its size in bytes."""

    sha256: str
    size: int


def describe(folder: Path, path: str) -> File:
    """A file of `folder` as the manifest has it; raises OSError."""
    digest, size = hashlib.sha256(), 0
    with (folder / path).open("rb") as stream:
        executable = bool(os.fstat(stream.fileno()).st_mode & 0o100)
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return File(path, size, digest.hexdigest(), executable)


def pack(folder: Path, manifest: Manifest, out: Path, progress: Progress = silent) -> Packed:
    """Write the archive `out` of what `folder` holds by `manifest`, whole or not at all.

    The folder's own manifest.json is not looked at: `manifest` is written as the first
    entry.  `progress` takes lines that count megabytes.  A file that isn't as the
    manifest says (any more) raises BundleUnwritable, as does a disk that is full.
    """
    try:
        return _whole(out, lambda stream: _write(folder, manifest, stream, progress))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        raise BundleUnwritable(out, f"{name}{error.strerror or error}") from error


def _whole(out: Path, write: Callable[[IO[bytes]], Packed]) -> Packed:
    # By its own name mkstemp's would be for nobody else to read, whatever the umask says.
    part = out.with_name(f".gokernel-{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as stream:
            packed = write(stream)
        part.replace(out)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
    return packed


class _Digesting:
    """A file that is hashed while it is written."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, content: bytes) -> int:
        self.digest.update(content)
        self.size += len(content)
        return self._stream.write(content)


def _write(folder: Path, manifest: Manifest, stream: IO[bytes], progress: Progress) -> Packed:
    import zstandard

    content = manifest.to_bytes()
    counted = Counted("packing", manifest.size + len(content), progress)
    digesting = _Digesting(stream)
    # No thread: where the work is cut would depend on their number.
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, threads=0)
    with compressor.stream_writer(digesting, closefd=False) as packed:  # type: ignore[arg-type]
        packed.write(tar.header(paths.MANIFEST, len(content)) + content)
        packed.write(tar.padding(len(content)))
        for file in sorted(manifest.files, key=lambda one: one.path):
            _add(folder, file, packed, counted)
        packed.write(tar.END)
    return Packed(digesting.digest.hexdigest(), digesting.size)


def _add(folder: Path, file: File, packed: Any, counted: Counted) -> None:
    packed.write(tar.header(file.path, file.size, file.executable))
    digest, left = hashlib.sha256(), file.size
    with (folder / file.path).open("rb") as stream:
        while chunk := stream.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
            packed.write(chunk)
            counted.add(len(chunk))
    if left or digest.hexdigest() != file.sha256:
        raise OSError(None, "it changed while it was packed", str(folder / file.path))
    packed.write(tar.padding(file.size))
