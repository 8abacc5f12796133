"""A plan put into the files: all of them, or none.

Whoever comes at the same time finds the folder locked, and whoever is killed midway leaves
whole files; the notes come last, so that the next sync goes on from what is there.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from go_kernel import yamlfile
from go_kernel.files import write_atomic
from go_kernel.printable import printable
from go_kernel.project.lock.edits import Change
from go_kernel.project.lock.sides import LockError


class NotSynced(LockError):
    """A file could not be written; all are as they were."""

    id = "lock.not-synced"

    def __init__(self, path: Path, reason: str):
        super().__init__(
            f"{printable(str(path))} could not be changed ({printable(reason)}), so nothing was."
        )
        self.path = path
        self.reason = reason


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have a project's folder to oneself, among those that sync; waits for the other one.

    The folder itself is locked, so that no file of ours is left in it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write(changes: Sequence[Change]) -> None:
    """Write them; raises NotSynced, with what was written put back."""
    done: list[Change] = []
    try:
        for change in changes:
            _write(change)
            done.append(change)
    except (yamlfile.YamlError, OSError) as error:
        for change in reversed(done):
            with suppress(yamlfile.YamlError, OSError):
                _write(_back(change))
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise NotSynced(changes[len(done)].path, reason) from error


def _back(change: Change) -> Change:
    yaml = change.yaml and replace(change.yaml, text=change.after)
    return Change(change.path, change.after, change.before, yaml, change.check)


def _write(change: Change) -> None:
    if change.yaml is not None:
        yamlfile.write(change.yaml, change.after, check=change.check)
        return
    path = change.path.resolve()
    if path.read_bytes() != change.before.encode():
        raise OSError("somebody changed it meanwhile")
    if reason := yamlfile.unwritable(path):
        raise PermissionError(reason)
    write_atomic(path, change.after, mode=stat.S_IMODE(path.stat().st_mode))
