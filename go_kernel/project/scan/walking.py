"""Every go.mod and go.work below some folders, but not those of other people's modules.

Not looked into: module caches, Go's own tree, `vendor`, `testdata`, `node_modules`, conda's package
cache, what packages brought into an environment, hidden folders, and folders behind links,
which are found where they are and can't lead in circles.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from go_kernel import toolchain
from go_kernel.files import is_folder
from go_kernel.project.scan.model import Place, Root

Progress = Callable[[str], None]

_FILES = ("go.mod", "go.work")
_NEVER = frozenset(("vendor", "testdata", "node_modules", "__pycache__"))
# In an environment: what packages bring.
_PACKAGES = frozenset(("bin", "condabin", "conda-meta", "include", "lib", "libexec", "pkgs", "ssl"))
# The kernel's, where a walk has no end and no projects.
_KERNEL = frozenset(("/proc", "/sys", "/dev"))
# Listing folders waits for disks and networks more than for Python.
_THREADS = 8
_CHUNK = 64
# Fewer take no time that anybody would want to be told about.
_TOLD_FROM = 2000


@dataclass(frozen=True)
class Walked:
    """What was found, in order; and the folders that couldn't be listed, with the reason."""

    places: tuple[Place, ...]
    closed: tuple[tuple[Path, str], ...]
    folders: int


@dataclass
class _Listed:
    """One chunk of folders, looked at."""

    places: list[Place] = field(default_factory=list)
    closed: list[tuple[Path, str]] = field(default_factory=list)
    below: list[tuple[str, Root]] = field(default_factory=list)


def walk(
    roots: Sequence[Root], go_of: Callable[[Path], str], progress: Progress = lambda _: None
) -> Walked:
    """Look through all of `roots`, whose folders are without links on their way.

    `go_of` gives the version of a prefix's Go, for environments on the way.
    """
    apart = frozenset(str(root.folder) for root in roots)
    level = [(str(root.folder), root) for root in roots]
    places: list[Place] = []
    closed: list[tuple[Path, str]] = []
    folders = 0
    with ThreadPoolExecutor(_THREADS, "gokernel-scan") as pool:
        while level:
            folders += len(level)
            chunks = (level[at : at + _CHUNK] for at in range(0, len(level), _CHUNK))
            done = [*pool.map(lambda chunk: _listed(chunk, apart, go_of), chunks)]
            level = [*chain.from_iterable(one.below for one in done)]
            places += chain.from_iterable(one.places for one in done)
            closed += chain.from_iterable(one.closed for one in done)
            if folders >= _TOLD_FROM:
                progress(f"{folders} folders, {len(places)} go.mod and go.work")
    return Walked(tuple(sorted(places, key=lambda one: one.file)), tuple(sorted(closed)), folders)


def _listed(
    chunk: Iterable[tuple[str, Root]], apart: frozenset[str], go_of: Callable[[Path], str]
) -> _Listed:
    found = _Listed()
    for folder, root in chunk:
        try:
            with os.scandir(folder) as entries:
                names = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        except OSError as error:
            found.closed.append((Path(folder), error.strerror or str(error)))
            continue
        if _is_others(folder, names):
            continue
        if "conda-meta" in names and root.prefix != Path(folder):
            prefix = Path(folder)
            root = Root(prefix, prefix, go_of(prefix) or root.go)
        found.places += (
            Place(Path(folder, name), root) for name in _FILES if names.get(name) is False
        )
        inner = (f"{folder.rstrip('/')}/{name}" for name in _inner(folder, names, root))
        found.below += ((path, root) for path in inner if path not in apart | _KERNEL)
    return found


def _inner(folder: str, names: dict[str, bool], root: Root) -> Iterator[str]:
    in_prefix = root.prefix is not None and str(root.prefix) == folder
    for name, is_dir in names.items():
        hidden = name.startswith(".") or name in _NEVER
        if is_dir and not hidden and not (in_prefix and name in _PACKAGES):
            yield name


def _is_others(folder: str, names: dict[str, bool]) -> bool:
    """Whether this is Go itself, a module cache, or conda's packages."""
    if "VERSION" in names and "src" in names and toolchain.read_version(Path(folder)):
        return True
    if "cache" in names and is_folder(f"{folder}/cache/download"):
        return True
    return folder.endswith("/pkgs") and not {"urls", "urls.txt"}.isdisjoint(names)
