"""Go's own hashes of modules, as go.sum has them (`h1:…`).

ref: https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

_CHUNK = 1 << 20
# What Go itself takes, unpacked; ref: https://go.dev/ref/mod#zip-path-size-constraints
MOST_BYTES = 500 << 20
# Python reads a zip's whole list into memory, some 600 bytes for each of these.
_MOST_FILES = 250_000
_LISTED = b"PK\x01\x02"
_UTF8 = 0x800
_OLD_NAMES = "cp437"
# Loaded now: later, rights to read Python's own files may have been given up.
codecs.lookup(_OLD_NAMES)


def of_digests(files: Iterable[tuple[bytes, str]]) -> str:
    """The hash of files given by name and SHA-256 in hexadecimal."""
    summary = hashlib.sha256()
    for name, digest in sorted(files):
        summary.update(digest.encode() + b"  " + name + b"\n")
    return "h1:" + base64.b64encode(summary.digest()).decode()


def of_folder(folder: Path, path: str, version: str) -> str:
    """The hash of an unpacked module's folder; raises OSError."""
    prefix = f"{path}@{version}/"
    return of_digests(
        (
            (prefix + one.relative_to(folder).as_posix()).encode(errors="surrogateescape"),
            hashlib.sha256(one.read_bytes()).hexdigest(),
        )
        for one in folder.rglob("*")
        if not one.is_dir()
    )


def of_go_mod(content: bytes) -> str:
    """The hash of a module's go.mod."""
    return of_digests([(b"go.mod", hashlib.sha256(content).hexdigest())])


def of_zip(stream: IO[bytes]) -> str:
    """The hash of a module's zip; raises ValueError where it is none that Go takes, and OSError.

    However large it says that it is, memory stays small and the work bounded.
    """
    _check_list(stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            return of_digests(_files(archive))
    except _NO_ZIP as error:
        raise ValueError(f"it is no zip ({error})") from error


# What Python's reader raises for damaged and for hostile ones.
_NO_ZIP = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(OverflowError, UnicodeError, struct.error),
)


def _check_list(stream: IO[bytes]) -> None:
    listed, before = 0, b""
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        listed += (before + chunk).count(_LISTED)
        before = chunk[-len(_LISTED) + 1 :]
    if listed > _MOST_FILES:
        raise ValueError(f"it lists more than {_MOST_FILES} files")
    stream.seek(0)


def _files(archive: zipfile.ZipFile) -> list[tuple[bytes, str]]:
    every = archive.infolist()
    names = [_name(one) for one in every]
    if len(set(names)) != len(names):
        raise ValueError("it holds two files of one name")
    if any(b"\n" in name for name in names):
        raise ValueError("it holds a file whose name is more than one line")
    if sum(one.file_size for one in every) > MOST_BYTES:
        raise ValueError(f"it holds more than the {MOST_BYTES >> 20} MB that Go takes")
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in every):
        raise ValueError("it is compressed in a way that Go doesn't read")
    return [(name, _digest(archive, one)) for name, one in zip(names, every, strict=True)]


def _name(file: zipfile.ZipInfo) -> bytes:
    """A file's name as the zip has it: Go knows of bytes, and Python guesses a code page."""
    return file.orig_filename.encode("utf-8" if file.flag_bits & _UTF8 else _OLD_NAMES)


def _digest(archive: zipfile.ZipFile, file: zipfile.ZipInfo) -> str:
    digest = hashlib.sha256()
    with archive.open(file) as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
