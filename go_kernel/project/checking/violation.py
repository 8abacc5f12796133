"""What `check` finds, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from go_kernel.findings import Remedy


class Kind(IntEnum):
    """What is violated; the number is the exit code."""

    FORMAT = 101
    ENVIRONMENT = 201


@dataclass(frozen=True)
class Violation:
    """One thing that isn't as it should be.

    `file` is as seen from the project's folder, "" where it is about no file; `line` counts
    from 1, 0 where there is none; `summary` is a sentence that names the thing.
    """

    kind: Kind
    id: str
    summary: str
    file: str = ""
    line: int = 0
    remedy: Remedy | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "code": int(self.kind),
            "id": self.id,
            "file": self.file or None,
            "line": self.line or None,
            "summary": self.summary,
            "remedy": self.remedy and self.remedy.to_dict(),
        }

    def __str__(self) -> str:
        """Code, sentence and remedy."""
        said = f"{int(self.kind)} {self.summary}"
        return f"{said} {self.remedy}" if self.remedy else said


def format_of(
    id: str, summary: str, file: str = "", line: int = 0, remedy: Remedy | None = None
) -> Violation:
    """A file that isn't well-formed."""
    return Violation(Kind.FORMAT, f"format.{id}", summary, file, line, remedy)


def environment_of(
    id: str, summary: str, file: str = "", line: int = 0, remedy: Remedy | None = None
) -> Violation:
    """An environment that isn't what a file asks for."""
    return Violation(Kind.ENVIRONMENT, f"environment.{id}", summary, file, line, remedy)
