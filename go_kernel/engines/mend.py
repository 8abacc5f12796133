"""Mends: what we change in an engine's published sources before building it.

A mend is a whole Go file of ours, a file left out, or a small anchored edit; a folder of
this package's can be taken, too, for what several engines need.
Anchors are exact: go.sum pins the text that they edit, so an anchor that isn't
found exactly once means that mend and source don't belong together.  Nothing
upstream is copied into this repository, and nothing in the module cache is touched.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from go_kernel.findings import GoKernelError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_PACKAGE = Path(__file__).parent.parent
EDITS = "edits"
ADDED = "files"


class MendFailed(GoKernelError):
    """A mend doesn't fit the source it is for."""

    id = "engine.mend-failed"

    def __init__(self, file: str, reason: str):
        super().__init__(
            f"The mend of {file} does not fit its source: {reason}.",
            "This is a mistake in the package; please report it.",
        )
        self.file = file
        self.reason = reason


@dataclass(frozen=True)
class Edit:
    """One anchored edit of `file`.

    Replaced is `find`; with `until`, everything from `find` up to but not including
    `until`; with `to_end`, everything from `find` on.
    """

    file: str
    why: str
    find: str
    replace: str
    until: str = ""
    to_end: bool = False

    def apply(self, text: str) -> str:
        """`text` with this edit made.  Raises `MendFailed`."""
        begin = self._only(text, self.find)
        end = begin + len(self.find)
        if self.to_end:
            end = len(text)
        elif self.until:
            end = self._only(text, self.until)
            if end < begin + len(self.find):
                raise MendFailed(self.file, "its end anchor comes before its begin anchor")
        return text[:begin] + self.replace + text[end:]

    def _only(self, text: str, anchor: str) -> int:
        count = text.count(anchor)
        if not anchor or count != 1:
            raise MendFailed(self.file, f"an anchor is found {count} times: {anchor.strip()!r}")
        return text.index(anchor)


@dataclass(frozen=True)
class Mends:
    """All mends of one engine; `added` are files of ours, by where they go."""

    edits: tuple[Edit, ...]
    dropped: tuple[str, ...]
    added: Mapping[str, Path]

    def apply(self, modules: Mapping[str, Path]) -> None:
        """Mend copied sources.

        `modules` are their folders by the name that begins each `file`.  Raises
        `MendFailed`, and OSError as the file system gives it.
        """
        for edit in self.edits:
            path = _locate(modules, edit.file)
            if not path.is_file():
                raise MendFailed(edit.file, "there is no such file")
            path.write_bytes(edit.apply(path.read_bytes().decode()).encode())
        for file in self.dropped:
            path = _locate(modules, file)
            if not path.is_file():
                raise MendFailed(file, "there is no such file to leave out")
            path.unlink()
        for file, source in self.added.items():
            path = _locate(modules, file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source.read_bytes())


def load(folder: Path) -> Mends:
    """The mends kept in `folder`: `edits/*.toml`, by name, and what lies below `files/`."""
    topics = _topics(folder)
    return Mends(
        edits=tuple(Edit(**entry) for topic in topics for entry in topic.get("edit", ())),
        dropped=tuple(entry["file"] for topic in topics for entry in topic.get("drop", ())),
        added={
            **{
                path.relative_to(folder / ADDED).as_posix(): path
                for path in _go_files(folder / ADDED)
            },
            **taken(folder),
        },
    )


def taken(folder: Path) -> dict[str, Path]:
    """What the mends in `folder` take from elsewhere in this package, by where it goes.

    `[[take]]` names a folder, of which Go files and the JSON that they embed are taken.
    """
    return {
        f"{entry['into']}/{path.name}": path
        for topic in _topics(folder)
        for entry in topic.get("take", ())
        for path in sorted((_PACKAGE / entry["folder"]).iterdir())
        if path.suffix in (".go", ".json")
    }


def _topics(folder: Path) -> list[dict[str, Any]]:
    return [tomllib.loads(path.read_text()) for path in sorted((folder / EDITS).glob("*.toml"))]


def _go_files(folder: Path) -> Iterator[Path]:
    # Editors' backups and the like are no mends.
    return iter(sorted(folder.rglob("*.go")))


def _locate(modules: Mapping[str, Path], file: str) -> Path:
    module, *rest = PurePosixPath(file).parts
    if module not in modules or not rest or ".." in rest:
        raise MendFailed(file, "it is in no module of this engine")
    return modules[module].joinpath(*rest)
