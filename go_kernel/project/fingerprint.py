"""One hash of all that an environment consists of: is it still the same one?

The same packages give the same fingerprint on every machine, from whichever mirror
they came, and whoever installed them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from go_kernel.conda.packages import Package

# Stands in the hash itself: a later way of making it never gives an earlier one's value.
_HEAD = "gokernel environment fingerprint 1"


def of(packages: Iterable[Package], toolchain: str) -> str:
    """The fingerprint, 64 hexadecimal digits, of packages and the SHA-256 of `go`.

    `toolchain` is "" for an environment without Go.
    """
    lines = [_HEAD, *sorted(_lines(packages)), f"go sha256:{toolchain}"]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def _lines(packages: Iterable[Package]) -> Iterator[str]:
    for one in packages:
        # Of two hashes the better one; conda's records of long ago have md5 alone.
        digest = f"sha256:{one.sha256}" if one.sha256 else f"md5:{one.md5}"
        yield json.dumps([one.name, one.version, one.build, one.subdir, digest])
