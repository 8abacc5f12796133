"""Is what is locked what the Go side was locked with?  Each thing that isn't, named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from go_kernel.conda import lock_file
from go_kernel.printable import printable
from go_kernel.project.lock.compare import Pair, State, pairs
from go_kernel.project.lock.sides import Project

_SHOWN = 12
_FINE = (State.SAME, State.UNUSED)


@dataclass(frozen=True)
class Drift:
    """One thing that isn't as it was locked; `subject` is a file, `go` or a module.

    `unsolved` is what a new solve of conda-lock's mends.
    """

    subject: str
    said: str
    unsolved: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {"subject": self.subject, "summary": self.said}

    def __str__(self) -> str:
        """As a line of a report."""
        return printable(f"{self.subject}: {self.said}")


def drifts(project: Project) -> list[Drift]:
    """All of them, none where everything is as it was locked.  Raises as `specs.matches`."""
    if project.lock is None:
        return [Drift(lock_file.NAME, "there is none, so nothing is locked.", unsolved=True)]
    found = pairs(project)
    return [*_noted(project, found), *_differing(found)]


def is_noted(project: Project) -> bool:
    """Whether the lock file says anything of the Go side."""
    notes = project.notes
    return bool(notes.go or notes.go_sum or notes.modules)


def _noted(project: Project, found: list[Pair]) -> Iterator[Drift]:
    notes = project.notes
    if not is_noted(project):
        yield Drift(lock_file.NAME, "nothing of Go's side is noted in it yet.")
        return
    if notes.go_sum != project.sums:
        was, now = _spoken(notes.go_sum), _spoken(project.sums)
        yield Drift("go.sum", f"it was {was} when it was noted, and is {now}.")
    if notes.go != project.go:
        said = f"go.mod says {project.go or 'nothing'}, and {notes.go or 'nothing'} was noted."
        yield Drift("go", said)
    for pair in found:
        noted = notes.modules.get(pair.name, "")
        if pair.rule is not None and pair.state is State.SAME and noted != pair.ours:
            said = f"go.mod requires {pair.ours}, and {noted or 'nothing'} was noted."
            yield Drift(pair.name, said)


def _differing(found: list[Pair]) -> Iterator[Drift]:
    for pair in found:
        # An environment need not hold Go: some are there for libraries alone.
        fine = _FINE if pair.rule else (*_FINE, State.UNASKED)
        if pair.state not in fine:
            yield Drift(pair.name, f"{pair.said}.", unsolved=pair.state is State.UNSOLVED)


def _spoken(digest: str) -> str:
    return f"sha256:{digest[:_SHOWN]}…" if digest else "not there"
