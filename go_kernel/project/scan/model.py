"""What a scan finds, before anybody judges it: files, what they hold, where replaces lead."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from go_kernel.findings import Finding, Status, worst_of


@dataclass(frozen=True)
class Root:
    """A folder that is looked through; `prefix` where it is a conda environment.

    `go` is the version that its projects are built with, "" where nobody knows.
    """

    folder: Path
    prefix: Path | None = None
    go: str = ""


@dataclass(frozen=True)
class Place:
    """A go.mod or go.work, and the root below which it was found."""

    file: Path
    root: Root


@dataclass(frozen=True)
class Unread:
    """Why a file can't be read: half a sentence, and what was said where Go said it."""

    reason: str
    evidence: str = ""


@dataclass(frozen=True)
class Replace:
    """A replace directive; without `version` it leads to the folder `by`."""

    old: str
    old_version: str
    by: str
    version: str

    @property
    def is_folder(self) -> bool:
        """Whether a folder takes the module's place."""
        return not self.version

    @property
    def left(self) -> str:
        """What is replaced, as `go mod edit -dropreplace` takes it."""
        return f"{self.old}@{self.old_version}" if self.old_version else self.old

    def __str__(self) -> str:
        """As the file has it."""
        old, by = (self.old, self.old_version), (self.by, self.version)
        return " => ".join(" ".join(filter(None, side)) for side in (old, by))


@dataclass(frozen=True)
class Declared:
    """A go.mod or go.work that could be read."""

    place: Place
    content: Mapping[str, Any] = field(repr=False)

    @property
    def file(self) -> Path:
        """The file."""
        return self.place.file

    @property
    def folder(self) -> Path:
        """The folder it is in."""
        return self.place.file.parent

    @property
    def is_work(self) -> bool:
        """Whether it is a workspace."""
        return self.file.name == "go.work"

    @property
    def go(self) -> str:
        """Its go line; "" without one."""
        return str(self.content.get("Go") or "")

    @property
    def module(self) -> str:
        """The module's path; "" where there is none."""
        return str((self.content.get("Module") or {}).get("Path") or "")

    @cached_property
    def requires(self) -> Mapping[str, str]:
        """The modules that it requires, with their versions."""
        return {one["Path"]: one["Version"] for one in self.content.get("Require") or ()}

    @cached_property
    def replaces(self) -> tuple[Replace, ...]:
        """What it replaces."""
        return tuple(
            Replace(
                one["Old"]["Path"],
                one["Old"].get("Version") or "",
                one["New"]["Path"],
                one["New"].get("Version") or "",
            )
            for one in self.content.get("Replace") or ()
        )

    @cached_property
    def replaced(self) -> frozenset[str]:
        """The modules that it replaces, in whatever version."""
        return frozenset(one.old for one in self.replaces)

    @cached_property
    def uses(self) -> tuple[Path, ...]:
        """The folders of a workspace's modules."""
        return tuple(self.joined(str(one["DiskPath"])) for one in self.content.get("Use") or ())

    def joined(self, path: str) -> Path:
        """A path that the file names, as Go joins them: by their text, whatever is a link."""
        return Path(os.path.normpath(self.folder / path))


@dataclass(frozen=True)
class Risk:
    """A finding, the file that it is about, and the replace where it is about one."""

    file: Path
    finding: Finding
    module: str = ""
    replace: str = ""

    def at_most(self, status: Status) -> Risk:
        """The same, and no worse than `status`."""
        worse = worst_of((self.finding.status, status)) is not status
        return (
            dataclasses.replace(self, finding=dataclasses.replace(self.finding, status=status))
            if worse
            else self
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        found = self.finding
        return {
            "id": found.id,
            "status": found.status.value,
            "file": str(self.file),
            "module": self.module,
            "replace": self.replace,
            "environment": found.environment,
            "summary": found.summary,
            "evidence": found.evidence,
            "remedy": found.remedy and found.remedy.to_dict(),
        }
