"""The versions that several bundles hold of one module, as one list.

Go takes the list of the first proxy in GOPROXY that knows a module at all, so a bundle that
was used last would hide newer versions in others.  Where bundles differ, a folder with the
lists of all stands in front of them: a proxy of lists and dates, whose content comes from
the bundles behind it.  It is kept in the cache, and may go at any time.

ref: https://go.dev/ref/mod#goproxy-protocol
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from go_kernel.files import exists, foreign_writer, is_folder, private_folder
from go_kernel.offline import paths, versions

FOLDER = "bundled-versions"
_LISTS = "lists"
_KEPT_SECONDS = 60 * 24 * 3600.0


def lists(proxies: Sequence[Path], cache: Path) -> Path | None:
    """A folder for GOPROXY, in front of these of bundles, the first one asked first.

    None where no two of them hold other versions of one module, and where nothing can be
    kept in the folder `cache`.  A bundle's content never changes, so what was made once for
    these bundles is not made again.
    """
    if len(proxies) < 2:
        return None
    key = hashlib.sha256(b"\0".join(os.fsencode(one) for one in proxies)).hexdigest()[:32]
    place = cache / FOLDER / key
    try:
        if not exists(place):
            _make(proxies, place)
        found = place / _LISTS
        distrusted = any(map(foreign_writer, (cache, cache / FOLDER, place)))
        return found if is_folder(found) and not distrusted else None
    except (OSError, ValueError):
        return None


def _make(proxies: Sequence[Path], place: Path) -> None:
    private_folder(place.parent.parent)
    private_folder(place.parent)
    _sweep(place.parent)
    making = Path(tempfile.mkdtemp(prefix=".", dir=place.parent))
    try:
        known = [set(_modules(proxy)) for proxy in proxies]
        counted = Counter(module for one in known for module in one)
        for module in sorted(one for one, count in counted.items() if count > 1):
            _merge(proxies, module, making / _LISTS)
        with suppress(OSError):  # somebody else was faster
            making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _modules(proxy: Path) -> Iterator[str]:
    """The modules of which versions are listed, as the protocol spells them."""
    for folder, below, _ in os.walk(proxy):
        if "@v" in below:
            below.remove("@v")
            if exists(Path(folder, "@v", "list")):
                yield Path(folder).relative_to(proxy).as_posix()


def _merge(proxies: Sequence[Path], module: str, into: Path) -> None:
    """Write what a proxy says of the versions of a module, where the first doesn't say all."""
    infos: dict[str, bytes] = {}
    first = -1
    for proxy in proxies:
        for version in _listed(proxy / module / "@v" / "list"):
            info = proxy / module / "@v" / f"{paths.escaped(version)}.info"
            infos.setdefault(version, info.read_bytes())
        first = len(infos) if first <= 0 else first
    if len(infos) == first:
        return
    folder = into / module / "@v"
    folder.mkdir(parents=True)
    for version, content in infos.items():
        (folder / f"{paths.escaped(version)}.info").write_bytes(content)
    ordered = sorted(infos, key=versions.order)
    (folder / "list").write_text("".join(f"{one}\n" for one in ordered))
    (into / module / "@latest").write_bytes(infos[versions.newest(infos)])


def _listed(file: Path) -> list[str]:
    try:
        return [one for one in file.read_text().split() if paths.is_version(one)]
    except FileNotFoundError:
        return []


def _sweep(folder: Path) -> None:
    """Remove those of bundles that are long gone, and what a killed process left."""
    before = time.time() - _KEPT_SECONDS
    for one in folder.iterdir():
        with suppress(OSError):
            if one.lstat().st_mtime < before:
                shutil.rmtree(one, ignore_errors=True)
