"""Which files of a folder are a project's own: those that its authors format.

As `go fmt ./...` has it: neither what is vendored, nor test data, nor what begins with `.`
or `_`, nor links.  Modules further down count; what was installed there does not.
ref: https://go.dev/cmd/go/#hdr-Package_lists_and_patterns
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from go_kernel.files import is_folder
from go_kernel.project import pipes

# Nobody writes those by hand.
_OTHERS = frozenset({"vendor", "testdata", "node_modules"})
# A conda environment, a virtual environment of Python's, and a module cache.
_INSTALLED = ("conda-meta", "pyvenv.cfg", "cache/download")
_GENERATED = re.compile(rb"// Code generated .* DO NOT EDIT\.")
_HEAD = 64 << 10


@dataclass
class Tree:
    """Paths as seen from the folder: Go sources, files of Go's by name, folders not entered.

    `pipes` stand where Go expects sources, and would be waited for.
    """

    sources: list[str] = field(default_factory=list)
    mods: list[str] = field(default_factory=list)
    works: list[str] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    pipes: list[str] = field(default_factory=list)


def of(folder: Path) -> Tree:
    """The files of a project, sorted; what is generated is left out of the sources."""
    tree = Tree()
    lists = {"go.mod": tree.mods, "go.work": tree.works, "go.sum": tree.sums}
    lists["go.work.sum"] = tree.sums
    for entry, name in _files(folder, "", tree.closed):
        if entry.name in lists:  # also a pipe: whoever reads it says what it is
            lists[entry.name].append(name)
        elif _is_source(entry):
            tree.sources.append(name)
        elif _is_pipe(entry):
            tree.pipes.append(name)
    # Without a go.work nobody reads its sums.
    works = set(tree.works)
    tree.sums = [one for one in tree.sums if one[-8:] != "work.sum" or one[:-4] in works]
    return tree


def pipe_below(folder: Path) -> Path | None:
    """The first thing in a folder of packages that Go would wait for."""
    if not is_folder(folder):
        return None
    for here, _, _ in os.walk(folder):
        with suppress(OSError), os.scandir(here) as entries:
            for entry in entries:
                if _is_pipe(entry):
                    return Path(entry.path)
    return None


def _is_pipe(entry: os.DirEntry[str]) -> bool:
    """Whether Go would open what isn't a plain file: a pipe, a socket, a device."""
    opened = Path(entry.name).suffix in pipes.OPENED or entry.name == "modules.txt"
    return opened and not entry.name.startswith((".", "_")) and pipes.is_odd(entry)


def _is_source(entry: os.DirEntry[str]) -> bool:
    named = entry.name.endswith(".go") and not entry.name.startswith((".", "_"))
    return named and entry.is_file(follow_symlinks=False) and not is_generated(Path(entry.path))


def is_generated(path: Path) -> bool:
    """Whether a Go file says, before its package clause, that a program wrote it.

    ref: https://go.dev/s/generatedcode
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return False
    for line in head.splitlines():
        if line.startswith(b"package "):
            return False
        if _GENERATED.fullmatch(line.rstrip(b"\r")):
            return True
    return False


def _files(folder: Path, above: str, closed: list[str]) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Every entry that is no folder, with its path from the project's folder."""
    work = [(folder, above)]
    while work:
        here, above = work.pop()
        try:
            with os.scandir(here) as entries:
                found = sorted(entries, key=lambda one: one.name)
        except OSError:
            closed.append(above or ".")
            continue
        below = []
        for entry in found:
            name = f"{above}/{entry.name}" if above else entry.name
            if not entry.is_dir(follow_symlinks=False):
                yield entry, name
            elif _is_own(entry):
                below.append((Path(entry.path), name))
        work.extend(reversed(below))


def _is_own(entry: os.DirEntry[str]) -> bool:
    if entry.name in _OTHERS or entry.name.startswith((".", "_")):
        return False
    return not any(os.path.lexists(f"{entry.path}/{mark}") for mark in _INSTALLED)
