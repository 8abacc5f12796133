"""The replace directives that somebody may think are in force, and whose they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Replace:
    """One directive: in `file`, of a module `path` (at `version`, or "" for each) by `new`.

    `new_version` is "" where `new` is a folder.
    """

    file: Path
    path: str
    version: str
    new: str
    new_version: str

    @property
    def old(self) -> str:
        """As `go mod edit -dropreplace` takes it."""
        return f"{self.path}@{self.version}" if self.version else self.path

    @property
    def target(self) -> Path | None:
        """The folder that stands in; None where another module does."""
        if self.new_version:
            return None
        return Path(os.path.normpath(self.file.parent / self.new))

    def means_as(self, other: Replace) -> bool:
        """Whether both put the same in place."""
        return (self.target, self.new_version) == (other.target, other.new_version) and (
            self.target is not None or self.new == other.new
        )

    def __str__(self) -> str:
        """As it stands in the file."""
        right = f"{self.new} {self.new_version}".strip()
        return f"replace {self.old.replace('@', ' ')} => {right}"


def of(file: Path, content: Mapping[str, Any]) -> Iterator[Replace]:
    """The directives of a go.mod or go.work as Go reads them."""
    for one in content.get("Replace") or ():
        old, new = one["Old"], one["New"]
        yield Replace(
            file,
            str(old["Path"]),
            str(old.get("Version") or ""),
            str(new["Path"]),
            str(new.get("Version") or ""),
        )
