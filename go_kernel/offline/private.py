"""Whether bundles hold modules that Go keeps from all proxies, and so from bundles too.

GOPRIVATE and GONOPROXY send Go to the repository itself, past everything in GOPROXY.
ref: https://go.dev/ref/mod#environment-variables
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from go_kernel import goproxy
from go_kernel.files import is_folder
from go_kernel.offline import paths

_GLOB = re.compile(r"[*?\[\\]")


def held(proxies: Iterable[Path], patterns: str) -> str:
    """The first of Go's patterns (by commas) that fits a module in these folders; "" for none.

    Only names of folders are read.
    """
    folders = list(proxies)
    for pattern in patterns.split(","):
        elements = pattern.strip().rstrip("/").split("/")
        if all(elements) and any(_leads(folder, elements) for folder in folders):
            return pattern.strip()
    return ""


def tells_nobody(value: str) -> bool:
    """Whether a module that GOPROXY may be asked for is told to no proxy on a network.

    That is so where it names folders, and `direct` last: whatever no folder has comes from
    its repository, as GOPRIVATE wants it.
    """
    named = [url for url, _ in goproxy.entries(value)]
    return named[-1:] == ["direct"] and all(map(goproxy.is_folder, named[:-1]))


def _leads(folder: Path, elements: list[str]) -> bool:
    if not elements:
        return True
    first, rest = elements[0], elements[1:]
    if first in (".", ".."):
        return False
    if not _GLOB.search(first):
        below = folder / paths.escaped(first)
        return is_folder(below) and _leads(below, rest)
    fits = re.compile(fnmatch.translate(first.replace("[^", "[!")))
    with suppress(OSError), os.scandir(folder) as entries:
        names = [one.name for one in entries if not one.name.startswith("@")]
        return any(
            is_folder(folder / name) and _leads(folder / name, rest)
            for name in sorted(names)
            if fits.match(paths.unescaped(name))
        )
    return False
