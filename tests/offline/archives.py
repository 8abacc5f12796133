"""Archives as nobody's `bundle create` writes them, by Python's own tarfile."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import zstandard

from go_kernel.offline.manifest import File, Manifest
from tests.offline.bundling import Made

Change = Callable[[list["Entry"]], Iterable["Entry"]]


@dataclass(frozen=True)
class Entry:
    """An entry of a tar: what tarfile's TarInfo takes."""

    name: str
    content: bytes = b""
    type: bytes = tarfile.REGTYPE
    mode: int = 0o644
    linkname: str = ""
    pax: dict[str, str] = field(default_factory=dict)


def entries(made: Made, manifest: Manifest | None = None) -> list[Entry]:
    """The entries of a bundle, its manifest first."""
    known = manifest or made.manifest
    files = [_entry(made.folder, one) for one in sorted(made.manifest.files, key=lambda f: f.path)]
    return [Entry("manifest.json", known.to_bytes()), *files]


def tar(content: Iterable[Entry], *, format: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of these."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format) as archive:
        for one in content:
            info = tarfile.TarInfo(one.name)
            info.type, info.mode, info.linkname = one.type, one.mode, one.linkname
            info.size, info.pax_headers = len(one.content), one.pax
            archive.addfile(info, io.BytesIO(one.content))
    return stream.getvalue()


def compressed(content: bytes, level: int = 3) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(level=level, write_checksum=True).compress(content)


def archive(made: Made, change: Change = lambda found: found) -> bytes:
    """A bundle's archive, its entries changed."""
    return compressed(tar(change(entries(made))))


def lying(made: Made, **parts: object) -> bytes:
    """A bundle's archive whose manifest says something else of `parts`."""
    manifest = replace(made.manifest, **parts)  # type: ignore[arg-type]
    return compressed(tar(entries(made, manifest)))


def _entry(folder: Path, file: File) -> Entry:
    mode = 0o755 if file.executable else 0o644
    return Entry(file.path, (folder / file.path).read_bytes(), mode=mode)
