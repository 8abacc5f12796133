"""Is a bundle in a store still whole, as far as its files' sizes say?

Fast enough to ask each time; `verify` reads every byte.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from go_kernel.offline import manifest as manifests
from go_kernel.offline.errors import BadBundle
from go_kernel.offline.manifest import File


def wrong(folder: Path) -> Iterator[str]:
    """What is missing or of another size, half a sentence each that begins with a path."""
    try:
        manifest = manifests.read(folder)
    except BadBundle as error:
        yield f"{folder / 'manifest.json'}: {error.reason}"
        return
    for file in manifest.files:
        if said := _wrong(folder, file):
            yield f"{folder / file.path}: {said}"


def _wrong(folder: Path, file: File) -> str:
    try:
        status = os.lstat(folder / file.path)
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return error.strerror or "can't be examined"
    if not stat.S_ISREG(status.st_mode):
        return "no file"
    return "" if status.st_size == file.size else f"{status.st_size} bytes in place of {file.size}"
