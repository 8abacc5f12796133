"""A snapshot's file: read without believing it, written whole and never over something else."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from go_kernel.files import exists, is_file, is_folder, write_json
from go_kernel.findings import Remedy
from go_kernel.project.snapshot import plain
from go_kernel.project.snapshot.errors import (
    BadSnapshot,
    NoSnapshot,
    NotReplaceable,
    SnapshotTooNew,
    SomethingElse,
    Unwritable,
)
from go_kernel.project.snapshot.model import FORMAT, NAME, Snapshot

_MOST_BYTES = 64 << 20


# Files that others wrote for a reason: --force doesn't mean these.
_PROJECT = frozenset(
    "go.mod go.sum go.work go.work.sum modules.txt environment.yml environment.yaml "
    "conda-lock.yml gokernel-lock.yml".split()
)


def _creating(path: Path) -> str:
    words = ["jupyter", "gokernel", "snapshot", "create", str(path.parent)]
    return shlex.join(words if path.name == NAME else [*words, "-o", str(path)])


def read(path: Path, create: str = "") -> Snapshot:
    """The snapshot in a file; raises BadSnapshot.

    `create` is the command that makes it, where more is known of it than where it is.
    """
    create = create or _creating(path)
    if not exists(path):
        raise NoSnapshot(path, create)
    if not is_file(path):  # opening a pipe would wait for ever
        raise BadSnapshot(path, "it is no file", "Name a file, or put a snapshot in its place.")
    by_force = Remedy("Name the snapshot's file, or replace this one", (f"{create} --force",))
    try:
        data = _content(path)
    except (OSError, ValueError) as error:
        raise BadSnapshot(path, getattr(error, "strerror", None) or str(error), by_force) from error
    if isinstance(data, dict) and data.get("bomFormat") == "CycloneDX":
        raise BadSnapshot(path, "it is a bill of materials", "Name the snapshot's file.")
    if not plain.is_snapshot(data):
        raise BadSnapshot(path, "it is something else", by_force)
    if plain.is_later(data):
        raise SnapshotTooNew(path, FORMAT)
    try:
        return plain.from_plain(data)
    except ValueError as error:
        raise BadSnapshot(path, str(error), Remedy("Make it anew", (create,))) from error


def write(path: Path, snapshot: Snapshot, *, force: bool = False) -> None:
    """Write it; raises SomethingElse for a file that is no snapshot, and Unwritable."""
    write_over(path, plain.to_plain(snapshot), "snapshot", plain.is_snapshot, force=force)


def check_target(
    path: Path, what: str, is_ours: Callable[[Any], bool], *, force: bool = False
) -> None:
    """Raise what `write_over` raises for a place, beforehand."""
    if not is_folder(path.parent):
        raise Unwritable(path, f"{path.parent} is no folder")
    if not exists(path):
        return
    if not is_file(path):  # --force is for files: no device, pipe or folder is replaced
        raise Unwritable(path, "it is no file")
    if path.name in _PROJECT or path.suffix == ".go":
        raise NotReplaceable(path, "a file of the project")
    try:
        data = _content(path)
    except (OSError, ValueError):
        data = None
    if plain.is_snapshot(data) and not is_ours(data):
        raise NotReplaceable(path, "a snapshot")
    if not force and not is_ours(data):
        raise SomethingElse(path, what)


def write_over(
    path: Path, value: object, what: str, is_ours: Callable[[Any], bool], *, force: bool = False
) -> None:
    """Write JSON in place of what `is_ours`, or with `force` of anything but a project's files.

    Raises SomethingElse, NotReplaceable and Unwritable.
    """
    check_target(path, what, is_ours, force=force)
    try:
        write_json(path, value)
    except OSError as error:
        raise Unwritable(path, error.strerror or str(error)) from error


def _content(path: Path) -> Any:
    if not is_file(path):  # opening a pipe would wait for ever
        raise ValueError("it is no file")
    with path.open("rb") as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES >> 20} MB")
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"it is no JSON ({error})") from error
