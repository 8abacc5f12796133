"""From a private module cache to the folder of a bundle: a module proxy of exact content.

ref: https://go.dev/ref/mod#goproxy-protocol
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from go_kernel.offline import gohash, paths, versions
from go_kernel.offline.manifest import Module

_ZIP, _MOD, _INFO, _HASH = ".zip", ".mod", ".info", ".ziphash"


@dataclass(frozen=True)
class Fetched:
    """A module that Go asked for: its go.mod, and `stem`, the files' name without the ending."""

    path: str
    version: str
    stem: Path

    def file(self, kind: str) -> Path:
        """Its `.info`, `.mod`, `.zip` or `.ziphash`."""
        return self.stem.with_name(self.stem.name + kind)

    @property
    def whole(self) -> bool:
        """Whether its content is there, too."""
        return self.file(_ZIP).exists()

    @property
    def dated(self) -> bool:
        """Whether it is known when it was made."""
        return self.file(_INFO).exists()

    def described(self) -> Module:
        """As a manifest has it; raises OSError."""
        # Go wrote that hash when it had verified the zip.
        content = self.file(_HASH).read_text().strip() if self.whole else ""
        go_mod = gohash.of_go_mod(self.file(_MOD).read_bytes())
        return Module(self.path, self.version, go_mod, content)


def fetched(downloads: Path) -> list[Fetched]:
    """The modules in a module cache's `cache/download`, sorted; raises OSError."""
    return sorted(_found(downloads), key=lambda one: (one.path, one.version))


def _found(downloads: Path) -> Iterator[Fetched]:
    for mod in downloads.rglob(f"@v/*{_MOD}"):
        folder, version = mod.parent, mod.name.removesuffix(_MOD)
        path = folder.parent.relative_to(downloads).as_posix()
        if not path.startswith("sumdb/"):
            yield Fetched(paths.unescaped(path), paths.unescaped(version), folder / version)


def forget(downloads: Path, path: str, version: str) -> None:
    """Take a version of a module out of a module cache; raises OSError."""
    for one in fetched(downloads):
        if (one.path, one.version) == (path, version):
            for kind in (_ZIP, _MOD, _INFO, _HASH):
                one.file(kind).unlink(missing_ok=True)


def sums(modules: Iterable[Module]) -> str:
    """The go.sum of these modules."""
    lines = []
    for one in modules:
        lines.append(f"{one.path} {one.version}/go.mod {one.go_mod_sum}")
        if one.sum:
            lines.append(f"{one.path} {one.version} {one.sum}")
    return "".join(f"{line}\n" for line in sorted(lines))


def move(downloads: Path, folder: Path) -> tuple[Module, ...]:
    """Move what Go fetched into the bundle's folder, and write what a proxy has besides.

    On one disk, so that nothing is copied.  Gives all modules.  Raises OSError.
    """
    found = fetched(downloads)
    modules = tuple(one.described() for one in found)
    for one in found:
        _move(one, folder)
    for path, versions_of in groupby((one for one in found), key=lambda one: one.path):
        there = [one.version for one in versions_of if _has(folder, path, one.version)]
        if there:
            _index(folder, path, there)
    (folder / paths.SUMS).write_text(sums(modules))
    return modules


def names(folder: Path) -> list[str]:
    """The names of all that `move` put into the bundle's folder."""
    found = [one for one in (folder / paths.PROXY).rglob("*") if one.is_file()]
    return [paths.SUMS, *(one.relative_to(folder).as_posix() for one in found)]


def _has(folder: Path, path: str, version: str) -> bool:
    return (folder / paths.file_of(path, version, "zip")).exists()


def _move(one: Fetched, folder: Path) -> None:
    target = folder / paths.file_of(one.path, one.version, "mod")
    target.parent.mkdir(parents=True, exist_ok=True)
    one.file(_MOD).rename(target)
    info = folder / paths.file_of(one.path, one.version, "info")
    info.write_text(_plain_info(one))
    if one.whole:
        one.file(_ZIP).rename(folder / paths.file_of(one.path, one.version, "zip"))


def _plain_info(one: Fetched) -> str:
    """Version and date alone: Go also notes the repository's address, which may be a secret.

    Of a module whose go.mod alone is there it has no date, which Go may know or not know;
    `go list -m -json`, by which kernels learn versions, asks for that file all the same.
    """
    if not one.whole:
        return json.dumps({"Version": one.version})
    said = json.loads(one.file(_INFO).read_text())
    kept = {name: said[name] for name in ("Version", "Time") if isinstance(said.get(name), str)}
    return json.dumps({"Version": one.version, **kept})


def _index(folder: Path, path: str, there: list[str]) -> None:
    ordered = sorted(there, key=versions.order)
    (folder / paths.list_of(path)).write_text("".join(f"{one}\n" for one in ordered))
    newest = folder / paths.file_of(path, versions.newest(there), "info")
    (folder / paths.latest_of(path)).write_text(newest.read_text())
