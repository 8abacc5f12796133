"""What Go expects of a bundle's files: its own hashes, and what lists and go.sum say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from go_kernel.offline import gohash, paths
from go_kernel.offline.faults import Problem
from go_kernel.offline.manifest import Manifest, Module

# Of go.sum, lists and infos; a go.mod may be as large as Go takes it.
_MOST_BYTES = 16 << 20

_Look = Callable[[IO[bytes]], str]


def sums(manifest: Manifest) -> list[str]:
    """The lines of go.sum for the modules that `manifest` lists, sorted."""
    return sorted(
        line
        for one in manifest.modules
        for line in (
            *((f"{one.path} {one.version} {one.sum}",) if one.sum else ()),
            f"{one.path} {one.version}/go.mod {one.go_mod_sum}",
        )
    )


class GoFiles:
    """Looks at those files of a bundle that Go reads, each by what the manifest says."""

    def __init__(self, manifest: Manifest):
        self._manifest = manifest
        self._looks: dict[str, tuple[str, _Look]] = {paths.SUMS: ("content", self._go_sum)}
        versions: dict[str, list[str]] = {}
        for module in manifest.modules:
            self._add(module)
            if module.sum:
                versions.setdefault(module.path, []).append(module.version)
        for path, known in versions.items():
            self._looks[paths.list_of(path)] = "content", _list_of(known)
            self._looks[paths.latest_of(path)] = "content", _info_of(known)

    def wants(self, path: str) -> bool:
        """Whether there is more to say of a file than its SHA-256."""
        return path in self._looks

    def problems(self, path: str, stream: IO[bytes]) -> Iterator[Problem]:
        """What is wrong with the file `path`, whose content is `stream`; raises OSError."""
        kind, look = self._looks[path]
        stream.seek(0)
        try:
            detail = look(stream)
        except ValueError as error:
            detail = str(error)
        if detail:
            yield Problem(path, kind, detail)

    def problems_of(self, path: str, file: Path) -> list[Problem]:
        """As `problems`, of the file `path` that lies at `file`; raises OSError."""
        with file.open("rb") as stream:
            return list(self.problems(path, stream))

    def _add(self, module: Module) -> None:
        def place(kind: str) -> str:
            return paths.file_of(module.path, module.version, kind)

        self._looks[place("mod")] = "hash", _mod_of(module)
        self._looks[place("info")] = "content", _info_of([module.version])
        if module.sum:
            self._looks[place("zip")] = "hash", _zip_of(module)

    def _go_sum(self, stream: IO[bytes]) -> str:
        if sorted(_small(stream).decode().splitlines()) != sums(self._manifest):
            return "it doesn't hold the hashes of just the modules that the manifest lists"
        return ""


def _mod_of(module: Module) -> _Look:
    return lambda stream: _differing(gohash.of_go_mod(_small(stream)), module.go_mod_sum)


def _zip_of(module: Module) -> _Look:
    return lambda stream: _differing(gohash.of_zip(stream), module.sum)


def _differing(found: str, expected: str) -> str:
    return "" if found == expected else f"Go's own is {found}, not {expected}"


def _list_of(versions: list[str]) -> _Look:
    def look(stream: IO[bytes]) -> str:
        found = sorted(_small(stream).decode().splitlines())
        return "" if found == sorted(versions) else "it lists other versions than those there"

    return look


def _info_of(versions: list[str]) -> _Look:
    def look(stream: IO[bytes]) -> str:
        try:
            info = json.loads(_small(stream))
        except (ValueError, RecursionError):
            return "it is no JSON"
        if not isinstance(info, dict) or info.get("Version") not in versions:
            return "it is of another version"
        more = ", ".join(sorted(set(info) - {"Version", "Time"}))
        return f"it tells more than a bundle does: {more:.200}" if more else ""

    return look


def _small(stream: IO[bytes]) -> bytes:
    content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES >> 20} MB")
    return content
