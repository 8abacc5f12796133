"""Go's own hashes of modules, as go.sum has them (`h1:…`).

ref: https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO

_CHUNK = 1 << 20


def of_digests(files: Iterable[tuple[str, str]]) -> str:
    """The hash of files given by name and SHA-256 in hexadecimal."""
    summary = hashlib.sha256()
    for name, digest in sorted(files, key=lambda one: one[0].encode()):
        summary.update(f"{digest}  {name}\n".encode())
    return "h1:" + base64.b64encode(summary.digest()).decode()


def of_folder(folder: Path, path: str, version: str) -> str:
    """The hash of an unpacked module's folder; raises OSError."""
    return of_digests(
        (
            f"{path}@{version}/{one.relative_to(folder).as_posix()}",
            hashlib.sha256(one.read_bytes()).hexdigest(),
        )
        for one in folder.rglob("*")
        if not one.is_dir()
    )


def of_zip(stream: IO[bytes]) -> str:
    """The hash of a module's zip; raises ValueError where it is none, and OSError."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            if len(set(names)) != len(names):
                raise ValueError("it holds two files of one name")
            return of_digests((name, _digest(archive, name)) for name in names)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"it is no zip ({error})") from error


def of_go_mod(content: bytes) -> str:
    """The hash of a module's go.mod."""
    return of_digests([("go.mod", hashlib.sha256(content).hexdigest())])


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
