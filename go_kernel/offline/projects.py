"""A project's own modules: where they are, and what a notebook among them is held to.

The files are read by the go command's own parsers, and never written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel.files import exists, is_file, is_folder
from go_kernel.offline.asking import Asking
from go_kernel.offline.unmade import BadWish


@dataclass(frozen=True)
class Own:
    """A module of the project: its path, and its folder; `file` is what its go.mod says."""

    path: str
    folder: Path
    file: Mapping[str, Any]

    @property
    def sums(self) -> str:
        """Its go.sum, "" where there is none; raises OSError."""
        path = self.folder / "go.sum"
        return path.read_text() if is_file(path) else ""

    @property
    def sums_digest(self) -> str:
        """The SHA-256 of its go.sum."""
        return hashlib.sha256(self.sums.encode()).hexdigest()


@dataclass(frozen=True)
class Project:
    """What counts in a folder: one module, or those of the go.work that is `work`."""

    folder: Path
    modules: tuple[Own, ...]
    work: Path | None = None
    work_file: Mapping[str, Any] | None = None

    @property
    def sums(self) -> str:
        """All that its go.sum files say."""
        texts = [one.sums for one in self.modules]
        if self.work is not None and is_file(self.work_sums):
            texts.append(self.work_sums.read_text())
        return "".join(text if text.endswith("\n") else f"{text}\n" for text in texts if text)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where its notebooks are: the folder that was named, and its modules'."""
        return tuple(dict.fromkeys([self.folder, *(one.folder for one in self.modules)]))

    @property
    def work_sums(self) -> Path:
        """The go.sum of a workspace."""
        assert self.work is not None
        return self.work.with_name(f"{self.work.name}.sum")

    @property
    def replaced(self) -> frozenset[str]:
        """The modules that nobody is asked for: its own, and those that it replaces."""
        return frozenset([*(one.path for one in self.modules), *dict(self._replaced())])

    def directives(self) -> str:
        """The lines of a go.mod by which a module requires this project, as notebooks do.

        Versions then follow by Go's own rules; but replace and exclude, which Go heeds in
        the main module alone, are repeated.  As in gotool/notebook.go.
        """
        own = {one.path for one in self.modules}
        lines = []
        for one in self.modules:
            lines.append(f"require {one.path} {placeholder(one.path)}")
            lines.append(f"replace {one.path} => {json.dumps(str(one.folder))}")
        lines += [line for path, line in self._replaced() if path not in own]
        for one in self.modules:
            lines += [f"exclude {e['Path']} {e['Version']}" for e in one.file.get("Exclude") or ()]
        return "\n".join([*lines, ""])

    def work_text(self) -> str:
        """Its go.work with absolute folders, for a copy elsewhere."""
        assert self.work is not None
        assert self.work_file is not None
        lines = [f"go {self.work_file.get('Go') or '1.18'}"]
        lines += [f"use {json.dumps(str(one.folder))}" for one in self.modules]
        lines += [line for _, line in _replaces(self.work_file, self.work.parent)]
        return "\n".join([*lines, ""])

    def _replaced(self) -> Iterator[tuple[str, str]]:
        """The first of two counts: a workspace's own overrule those of its modules."""
        sources = [(one.file, one.folder) for one in self.modules]
        if self.work is not None and self.work_file is not None:
            sources.insert(0, (self.work_file, self.work.parent))
        seen = set()
        for file, folder in sources:
            for path, line in _replaces(file, folder):
                old = line.partition(" => ")[0]
                if old not in seen:
                    seen.add(old)
                    yield path, line


def find(asking: Asking, folder: Path) -> Project:
    """The project in `folder`: its go.work or go.mod, or those of the folders above.

    Raises BadWish where there is none, and NotGathered where Go can't read it.
    """
    if not is_folder(folder):
        reason = "is no folder" if exists(folder) else "is not there"
        raise BadWish(str(folder), reason, "Name the folder of a project, where its go.mod is.")
    # What a linked folder's own path is, Go finds out by itself; both shall say the same.
    folder = Path(os.path.realpath(folder))
    what = f"The project {folder}"
    said = asking.json(
        ("env", "-json", "GOMOD", "GOWORK"),
        folder,
        what,
        more={"GOWORK": asking.given.get("GOWORK", "")},
    )
    mod, work = (_file(said.get(name)) for name in ("GOMOD", "GOWORK"))
    if work is not None:
        found = _workspace(asking, folder, work)
        if mod is None or any(_same(one.folder, mod.parent) for one in found.modules):
            return found
    if mod is None:
        raise BadWish(
            str(folder),
            "is no Go project: there is no go.mod in it, nor above",
            "Make it one with `go mod init NAME`, or name another folder.",
        )
    return Project(folder, (_own(asking, mod.parent),))


def placeholder(path: str) -> str:
    """A version for a module that a folder stands for: it must only fit its major version."""
    major = "v0"
    if path.startswith("gopkg.in/") and (found := re.search(r"\.(v[0-9]+)(?:-unstable)?$", path)):
        major = found[1]
    elif found := re.search(r"/(v[1-9][0-9]*)$", path):
        major = found[1] if found[1] != "v1" else "v0"
    return f"{major}.0.0-00010101000000-000000000000"


def _workspace(asking: Asking, folder: Path, work: Path) -> Project:
    file = asking.json(("work", "edit", "-json", str(work)), asking.place, f"The project {folder}")
    folders = [work.parent / use["DiskPath"] for use in file.get("Use") or ()]
    modules = tuple(_own(asking, Path(os.path.normpath(one))) for one in folders)
    return Project(folder, modules, work, file)


def _own(asking: Asking, folder: Path) -> Own:
    what = f"The project {folder}"
    file = asking.json(("mod", "edit", "-json", str(folder / "go.mod")), asking.place, what)
    path = (file.get("Module") or {}).get("Path", "")
    if not path:
        raise BadWish(str(folder / "go.mod"), "names no module", "Give it a `module` line.")
    return Own(path, folder, file)


def _replaces(file: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, str]]:
    """Which module is replaced, and the line that does it, folders made absolute."""
    for one in file.get("Replace") or ():
        old, new = one["Old"], one["New"]
        if new.get("Version"):
            by = f"{new['Path']} {new['Version']}"
        else:
            by = json.dumps(os.path.normpath(folder / new["Path"]))
        left = " ".join([old["Path"], *([old["Version"]] if old.get("Version") else [])])
        yield old["Path"], f"replace {left} => {by}"


def _file(value: object) -> Path | None:
    """What Go says of a file: nothing, `off` and the null device are none."""
    text = str(value or "")
    return Path(text) if text.startswith("/") and text != os.devnull else None


def _same(a: Path, b: Path) -> bool:
    try:
        return a.samefile(b)
    except OSError:
        return False


def patterns(modules: Sequence[Own]) -> list[str]:
    """All packages of these modules, for `go list`."""
    return [f"{one.folder}/..." for one in modules]
