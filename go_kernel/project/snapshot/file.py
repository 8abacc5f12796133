"""A snapshot's file: read without believing it, written whole and never over something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from go_kernel.files import exists, is_file, is_folder, write_json
from go_kernel.project.snapshot import plain
from go_kernel.project.snapshot.errors import (
    BadSnapshot,
    NoSnapshot,
    SnapshotTooNew,
    SomethingElse,
    Unwritable,
)
from go_kernel.project.snapshot.model import FORMAT, Snapshot

_MOST_BYTES = 64 << 20


def read(path: Path) -> Snapshot:
    """The snapshot in a file; raises BadSnapshot."""
    if not exists(path):
        raise NoSnapshot(path, "there is no such file")
    try:
        data = _content(path)
    except (OSError, ValueError, RecursionError) as error:
        raise BadSnapshot(path, getattr(error, "strerror", None) or str(error)) from error
    if not plain.is_snapshot(data):
        raise BadSnapshot(path, "it is something else")
    if plain.is_later(data):
        raise SnapshotTooNew(path, FORMAT)
    try:
        return plain.from_plain(data)
    except ValueError as error:
        raise BadSnapshot(path, str(error)) from error


def write(path: Path, snapshot: Snapshot, *, force: bool = False) -> None:
    """Write it; raises SomethingElse for a file that is no snapshot, and Unwritable."""
    write_over(path, plain.to_plain(snapshot), "snapshot", plain.is_snapshot, force=force)


def check_target(
    path: Path, what: str, is_ours: Callable[[Any], bool], *, force: bool = False
) -> None:
    """Raise SomethingElse and Unwritable for what `write_over` would not write, beforehand."""
    if not is_folder(path.parent):
        raise Unwritable(path, f"{path.parent} is no folder")
    if not exists(path):
        return
    if not is_file(path):  # --force is for files: no device, pipe or folder is replaced
        raise Unwritable(path, "it is no file")
    if force:
        return
    try:
        known = is_ours(_content(path))
    except (OSError, ValueError, RecursionError):
        known = False
    if not known:
        raise SomethingElse(path, what)


def write_over(
    path: Path, value: object, what: str, is_ours: Callable[[Any], bool], *, force: bool = False
) -> None:
    """Write JSON in place of what `is_ours`, or with `force` of anything."""
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
    except ValueError as error:
        raise ValueError(f"it is no JSON ({error})") from error
