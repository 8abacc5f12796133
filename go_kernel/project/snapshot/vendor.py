"""The hash of a vendor folder, as Go hashes folders.

ref: https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#HashDir (with the prefix "vendor")
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from go_kernel.digests import sha256
from go_kernel.offline import gohash
from go_kernel.project.snapshot.errors import BadVendor


def hash_of(folder: Path) -> tuple[str, int]:
    """`h1:...` over all files of a folder, and how many these are.

    Raises BadVendor for links and pipes, which `go mod vendor` doesn't make, and for what
    can't be read.
    """
    files = [*_files(folder, folder)]
    digests = ((_name(folder, one), _digest(one, folder)) for one in files)
    return gohash.of_digests(digests), len(files)


def _files(folder: Path, top: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [*entries]
    except OSError as error:
        raise BadVendor(folder, f"can't be listed ({error.strerror})", top) from error
    for entry in found:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _files(path, top)
        elif entry.is_file(follow_symlinks=False):
            yield path
        else:
            raise BadVendor(path, "is a link, or no file at all", top)


def _name(folder: Path, path: Path) -> bytes:
    name = f"vendor/{path.relative_to(folder).as_posix()}"
    if "\n" in name:  # as dirhash does: two folders could have one hash
        raise BadVendor(path, "has a name of more than one line", folder)
    return os.fsencode(name)


def _digest(path: Path, top: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        raise BadVendor(path, f"can't be read ({error.strerror})", top) from error
