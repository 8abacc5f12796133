"""SHA-256 of files that are large and rarely change, remembered on disk.

Hashing the `go` of a toolchain takes some 10 ms, a launch wants it in none.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from go_kernel.cache import Cache, file_key

_CHUNK = 1 << 20


def sha256(path: Path) -> str:
    """Hash a file's content, as hexadecimal; raises OSError as reading does."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def remembered_sha256(path: Path, cache: Cache) -> str:
    """As `sha256`, remembered for as long as the file is the same one."""
    key = file_key(path)
    known = cache.get("sha256", key)
    if known is not None and re.fullmatch(rb"[0-9a-f]{64}", known):
        return known.decode()
    value = sha256(path)
    # Changed while we read it: the hash belongs to no state worth remembering.
    if file_key(path) == key:
        cache.put(value.encode(), "sha256", key)
    return value
