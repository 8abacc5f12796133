"""The hooks that an environment has: are they whole, and do they still hold?"""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from go_kernel.findings import Finding, Remedy, Status
from go_kernel.hooks import scripts
from go_kernel.hooks.wanted import Hooks, Stamp

# Of ours the longest has a few kilobytes.
_LONGEST = 4_000_000


class State(str, Enum):
    """How an environment's hooks are."""

    NONE = "none"
    CURRENT = "current"
    CHANGED_GO = "go changed"  # they set nothing until they are installed again
    DAMAGED = "damaged"  # some are missing, changed by hand, or of another version


@dataclass(frozen=True)
class InstalledHooks:
    """What is there.

    `hooks` is what the scripts are made of, None where that can't be known; `files` are
    ours, by their path below the prefix; `problem` says what is wrong, "" for nothing.
    """

    prefix: Path
    state: State
    hooks: Hooks | None = None
    files: tuple[str, ...] = ()
    problem: str = ""

    @property
    def finding(self) -> Finding | None:
        """What is wrong with them, as data; None where nothing is."""
        if not self.problem:
            return None
        command = f"jupyter gokernel hooks install --env {shlex.quote(str(self.prefix))}"
        return Finding(
            id="hooks.not-current",
            status=Status.WARN,
            summary=self.problem,
            remedy=Remedy("If you know why, install them again", (command,)),
            environment=str(self.prefix),
        )


def look(prefix: Path) -> InstalledHooks:
    """The hooks of an environment, from their files alone; raises nothing."""
    present = {place: content for place in scripts.PLACES if (content := read(prefix / place))}
    ours = {place: content for place, content in present.items() if scripts.is_ours(content)}
    if not ours:
        return InstalledHooks(prefix, State.NONE)
    found = scripts.made_of(ours.get(scripts.place_of("sh"), b""))
    files = tuple(ours)
    if found is None:
        problem = f"The hooks of {prefix} can't be understood: another version wrote them, or "
        problem += "somebody changed them."
        return InstalledHooks(prefix, State.DAMAGED, None, files, problem)
    wrong = [place for place, text in scripts.texts(found).items() if ours.get(place) != text]
    if wrong:
        what = "is missing or was changed" if len(wrong) == 1 else "are missing or were changed"
        problem = f"{', '.join(wrong)} of {prefix} {what} since the hooks were installed."
        return InstalledHooks(prefix, State.DAMAGED, found, files, problem)
    problem = _moved(prefix, found) or _go_changed(found)
    state = State.CHANGED_GO if problem else State.CURRENT
    return InstalledHooks(prefix, state, found, files, problem)


def read(path: Path) -> bytes:
    """A script's bytes; b"" where there is no regular file, or it can't be read."""
    try:
        # A named pipe would be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return _all_of(descriptor) if regular else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _all_of(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb", closefd=False) as stream:
        return stream.read(_LONGEST)


def _moved(prefix: Path, hooks: Hooks) -> str:
    try:
        if prefix.samefile(hooks.prefix):
            return ""
    except OSError:
        pass
    return f"The hooks of {prefix} were made for {hooks.prefix}, so they set nothing."


def _go_changed(hooks: Hooks) -> str:
    try:
        stamp = Stamp.of(hooks.go)
    except OSError:
        return f"{hooks.go} is gone since the hooks were installed, so they set nothing."
    if stamp == hooks.stamp:
        return ""
    return f"{hooks.go} changed since the hooks were installed, so they set nothing."
