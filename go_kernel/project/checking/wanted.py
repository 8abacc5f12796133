"""A project's own files about its environment: read once, each fault named with its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os.path import lexists
from pathlib import Path
from typing import TypeVar

from go_kernel.conda import environment_file, lock_file, specs
from go_kernel.conda.environment_file import EnvironmentFile
from go_kernel.conda.lock_file import LockFile
from go_kernel.project.checking.violation import Violation, format_of
from go_kernel.project.lock import rules
from go_kernel.project.snapshot import file as snapshot_file
from go_kernel.project.snapshot import model
from go_kernel.project.snapshot.errors import BadSnapshot, NoSnapshot
from go_kernel.project.snapshot.model import Snapshot
from go_kernel.yamlfile import BadYaml, NoYaml

T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """What could be read; None for a file that isn't there or isn't well-formed.

    `names` are the files that are there, well-formed or not.
    """

    environment: EnvironmentFile | None
    lock: LockFile | None
    snapshot: Snapshot | None
    faults: tuple[Violation, ...]
    names: tuple[str, ...]


def read(folder: Path) -> Wanted:
    """The files of a project's folder; raises RattlerMissing where specs can't be looked at."""
    faults: list[Violation] = []
    asks = environment_file.in_folder(folder).name
    environment = _one(folder, asks, environment_file.read, faults)
    if environment is not None:
        bad = [*_bad_specs(environment)]
        faults += bad
        environment = None if bad else environment
    lock = _one(folder, lock_file.NAME, lock_file.read, faults)
    _one(folder, rules.NAME, rules.read, faults)
    names = (asks, lock_file.NAME, rules.NAME, model.NAME)
    there = [name for name in names if lexists(folder / name)]
    snapshot = _snapshot(folder / model.NAME, faults)
    return Wanted(environment, lock, snapshot, tuple(faults), tuple(there))


def _one(folder: Path, name: str, reader: Callable[[Path], T], faults: list[Violation]) -> T | None:
    try:
        return reader(folder / name)
    except NoYaml:
        return None
    except BadYaml as error:
        where = f", line {error.line}," if error.line else ""
        said = f"{name}{where} can't be read: {error.reason}."
        faults.append(format_of(_id(name), said, name, error.line, error.remedy))
    return None


def _snapshot(path: Path, faults: list[Violation]) -> Snapshot | None:
    try:
        return snapshot_file.read(path)
    except NoSnapshot:
        return None
    except BadSnapshot as error:
        said = f"{path.name} can't be read: {error.reason}."
        faults.append(format_of(_id(path.name), said, path.name, remedy=error.remedy))
    return None


def _id(name: str) -> str:
    return name.rpartition(".")[0]


def _bad_specs(found: EnvironmentFile) -> list[Violation]:
    name = found.path.name
    return [
        format_of(
            _id(name),
            f"{name}, line {one.line}: {one.spec!r} names no package as conda does: {reason}.",
            name,
            one.line,
        )
        for one in found.dependencies
        if (reason := specs.problem(one.spec))
    ]
