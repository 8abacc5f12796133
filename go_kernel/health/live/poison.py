"""Modules in the module cache that are not what was downloaded.

Go checks a module's zip against its hash once, when it unpacks it, and from then on
compiles what lies in the folder, whatever that is.  Beside the zip it keeps the hash.
ref: https://go.dev/ref/mod#module-cache
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from go_kernel.engines.fetch import Module, hash_of
from go_kernel.files import exists, is_file, is_folder


@dataclass(frozen=True)
class Cached:
    """An unpacked module, and the file that holds the hash of what was downloaded."""

    path: str
    version: str
    folder: Path
    ziphash: Path

    def __str__(self) -> str:
        """As `go get` takes it."""
        return f"{self.path}@{self.version}"


@dataclass(frozen=True)
class Looked:
    """What came of looking: those that differ, those that can't be read, how many of how many."""

    poisoned: tuple[Cached, ...]
    unreadable: tuple[Cached, ...]
    looked: int
    total: int


def poisoned(modcache: Path, deadline: float) -> Looked:
    """Hash the unpacked modules of a module cache, those that changed last first.

    Ends at `deadline` (of time.monotonic), between two modules.  One that is removed
    meanwhile doesn't count.  Never raises; reads only.
    """
    modules = sorted(unpacked(modcache), key=lambda module: -_changed(module.folder))
    differing, unreadable, looked = [], [], 0
    for module in modules:
        if time.monotonic() >= deadline:
            break
        looked += 1
        try:
            if not is_intact(module):
                differing.append(module)
        except OSError:
            if exists(module.folder):
                unreadable.append(module)
    return Looked(tuple(differing), tuple(unreadable), looked, len(modules))


def unpacked(modcache: Path) -> Iterator[Cached]:
    """The modules that Go would compile as they lie there, those being unpacked left out."""
    downloads = modcache / "cache" / "download"
    for place, folders, names in os.walk(downloads):
        if Path(place).name != "@v":
            folders.sort()
            continue
        folders.clear()
        path = Path(place).parent.relative_to(downloads).as_posix()
        for name in sorted(names):
            version, dot, ending = name.rpartition(".")
            if not dot or ending != "ziphash" or f"{version}.partial" in names:
                continue
            folder = modcache / f"{path}@{version}"
            if is_folder(folder):
                yield Cached(_unescaped(path), _unescaped(version), folder, Path(place, name))


def is_intact(module: Cached) -> bool:
    """Whether a module's files are those that were downloaded; raises OSError."""
    if exists(module.ziphash) and not is_file(module.ziphash):
        return False  # opening a named pipe would wait for ever
    expected = module.ziphash.read_text(encoding="utf-8", errors="replace").strip()
    if not _only_files(module.folder):
        return False
    return hash_of(Module(module.path, module.version, module.folder, "")) == expected


def _only_files(folder: Path) -> bool:
    """A zip brings files and folders; reading a named pipe would wait for ever."""
    for place, folders, names in os.walk(folder, onerror=_raise):
        if not all(stat.S_ISREG(Path(place, name).lstat().st_mode) for name in names):
            return False
        # Among the folders are links to some.
        if not all(stat.S_ISDIR(Path(place, name).lstat().st_mode) for name in folders):
            return False
    return True


def _raise(error: OSError) -> None:
    raise error


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _unescaped(text: str) -> str:
    """Capital letters stand as `!a` there; ref: https://pkg.go.dev/golang.org/x/mod/module."""
    return re.sub("!([a-z])", lambda match: match[1].upper(), text)
