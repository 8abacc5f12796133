"""Looking for credentials in everything that was written: folders, archives, outputs."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import zstandard

from tests.private.host import secret_bytes

_ZSTD = b"\x28\xb5\x2f\xfd"


def in_text(*said: str) -> list[bytes]:
    """The credentials that stand in these texts."""
    return [word for text in said for word in secret_bytes() if word in text.encode()]


def in_folder(folder: Path) -> list[str]:
    """What below a folder holds a credential, in its name or its content, unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        for name, piece in pieces(str(path), content):
            if any(word in piece or word in name.encode() for word in secret_bytes()):
                found.append(name)
    return found


def pieces(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file, and what is packed in it, whole: a word may not be cut by a block's end."""
    yield name, content
    if content.startswith(_ZSTD):
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(content)) as unpacking:
            yield from pieces(f"{name} (unpacked)", unpacking.read())
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for one in archive.namelist():
                yield f"{name}: {one}", archive.read(one)
    elif content[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive.getmembers():
                packed = archive.extractfile(member)
                yield from pieces(f"{name}: {member.name}", packed.read() if packed else b"")


def basic() -> str:
    """What stands behind `Authorization: Basic` for the site's user."""
    return secret_bytes()[-2].decode()
