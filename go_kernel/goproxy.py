"""GOPROXY as Go reads it: where modules come from, in which order.

ref: https://go.dev/ref/mod#environment-variables and
https://go.dev/src/cmd/go/internal/modfetch/proxy.go (proxyList)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# Go asks nobody behind these.
_LAST = frozenset({"off", "direct"})


def entries(value: str) -> Iterator[tuple[str, str]]:
    """The entries that Go asks, in its order, each with the separator behind it ("" at the end).

    After `,` it goes on where a module is absent, after `|` whatever happened.
    """
    parts = [*re.split(r"([,|])", value), ""]
    for url, separator in zip(parts[::2], parts[1::2], strict=True):
        if url.strip():
            yield url.strip(), separator
        if url.strip() in _LAST:
            return


def is_folder(url: str) -> bool:
    """Whether an entry is a folder of this machine, and leads to no network."""
    return url.lower().startswith("file:")


def folders_only(value: str) -> str:
    """The same without what leads to a network; "" where nothing is left."""
    kept = [one for one in entries(value) if is_folder(one[0])]
    return "".join(url + (separator or ",") for url, separator in kept)[:-1]


def in_front(folders: Iterable[Path], value: str) -> str:
    """GOPROXY with these folders before what is in `value`, which may be empty.

    A folder's path is escaped: Go takes `,` and `|` for the end of an entry, and decodes
    what is left.
    """
    return ",".join([*(folder.as_uri() for folder in folders), *([value] if value else [])])
