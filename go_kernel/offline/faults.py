"""What can be wrong with a file of a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from go_kernel.offline.errors import BadBundle
from go_kernel.offline.manifest import File


@dataclass(frozen=True)
class Problem:
    """A fault of one file; `path` is its name in the bundle, "" where it is the whole.

    `kind` is `truncated`, `altered`, `missing`, `extra`, `hash` (Go's own doesn't fit),
    `content` (it says something else of the modules than what is there) or `unsafe` (what
    no bundle may hold); `detail` is a sentence's rest.
    """

    path: str
    kind: str
    detail: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return vars(self).copy()

    def __str__(self) -> str:
        """`proxy/…/v1.0.0.zip: altered (its SHA-256 is …)`."""
        return f"{self.path or 'the whole'}: {self.kind} ({self.detail})"


def of_file(file: File, size: int, sha256: str, executable: bool) -> Iterator[Problem]:
    """What differs from what the manifest says of a file."""
    if size < file.size:
        yield Problem(file.path, "truncated", f"{size} bytes of {file.size}")
    elif size > file.size:
        yield Problem(file.path, "altered", f"{size} bytes instead of {file.size}")
    elif sha256 != file.sha256:
        yield Problem(file.path, "altered", f"its SHA-256 is {sha256}, not {file.sha256}")
    elif executable != file.executable:
        detail = "it is marked as a program" if executable else "it is not marked as a program"
        yield Problem(file.path, "altered", detail)


def of_error(error: BadBundle) -> Problem:
    """The problem that kept somebody from reading on."""
    return Problem(error.path, error.kind, error.reason)


def refuse(problems: Iterable[Problem], place: object) -> None:
    """Raise BadBundle of the first problem, if there is one, in the bundle `place`."""
    for one in problems:
        raise BadBundle(place, f"{one.kind} ({one.detail})", one.path, kind=one.kind)
