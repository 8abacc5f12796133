"""What an earlier run made of a file, so that no more than that is ever taken away.

One small file for each declaration, in a folder of ours.  What is begun is written down
before, what is done after it: a run that was killed leaves nothing that nobody knows of.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from go_kernel.declared.errors import ApplyError, BadRecord
from go_kernel.files import foreign_writer, private_folder, read_json, write_json
from go_kernel.folders import data_folder

_FORMAT = 1
_SUFFIX = ".json"
_LOCK = ".lock"


class NoRecord(ApplyError):
    """What is made can't be written down, so nothing is made."""

    id = "apply.no-record"

    def __init__(self, folder: Path, error: OSError):
        super().__init__(
            f"Nothing was done, since it can't be written down in {folder}: "
            f"{error.strerror or error}.",
            "Make that folder yours and writable, or set XDG_DATA_HOME to another one.",
        )
        self.folder = folder


@dataclass(frozen=True)
class Made:
    """Something that a run made; `proof` is what it looked like, `whole` whether it was done."""

    kind: str
    place: str
    name: str
    proof: str = ""
    whole: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.kind, self.place


@dataclass
class Record:
    """What was made of the declaration `file`, as it stands in `path`."""

    path: Path
    file: Path
    made: dict[tuple[str, str], Made] = field(default_factory=dict)

    def get(self, kind: str, place: object) -> Made | None:
        """What was made at a place; None where it wasn't us."""
        return self.made.get((kind, str(place)))

    def begin(self, made: Made) -> None:
        """Write down that this is about to be made; raises NoRecord."""
        self.done(replace(made, whole=False))

    def done(self, made: Made) -> None:
        """Write down that this is made; raises NoRecord."""
        self.made[made.key] = made
        self._write()

    def forget(self, made: Made) -> None:
        """Write down that this is there no more, or not ours; raises NoRecord."""
        if self.made.pop(made.key, None) is not None:
            self._write()

    def of_others(self) -> set[tuple[str, str]]:
        """What other declarations made, as they recorded it."""
        others = (path for path in self.path.parent.glob(f"*{_SUFFIX}") if path != self.path)
        return {made.key for path in others for made in _parsed(path)}

    def _write(self) -> None:
        made = [asdict(one) for one in self.made.values()]
        content = {"format": _FORMAT, "file": str(self.file), "made": made}
        try:
            write_json(self.path, content, mode=0o600)
        except OSError as error:
            raise NoRecord(self.path.parent, error) from error


def folder_of(env: Mapping[str, str]) -> Path:
    """Where records are kept."""
    return data_folder(env) / "applied"


def read(file: Path, env: Mapping[str, str]) -> Record:
    """The record of a declaration, empty where it was never applied; raises BadRecord."""
    digest = hashlib.sha256(os.fsencode(file)).hexdigest()[:16]
    path = folder_of(env) / f"{digest}{_SUFFIX}"
    if not os.path.lexists(path):
        return Record(path, file)
    # What it names is removed: nobody else may have written it.
    for one in (path.parent, path):
        if reason := foreign_writer(one):
            raise BadRecord(path, f"can't be believed, because {one} {reason}")
    return Record(path, file, {made.key: made for made in _strictly(path)})


@contextmanager
def alone(env: Mapping[str, str], waiting: Callable[[], None]) -> Iterator[None]:
    """Be the only one of this user who applies anything; calls `waiting` before a wait.

    Raises NoRecord.
    """
    folder = folder_of(env)
    try:
        private_folder(folder)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise NoRecord(folder, error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _strictly(path: Path) -> list[Made]:
    content = read_json(path)
    if isinstance(content, dict) and content.get("format", 0) != _FORMAT:
        raise BadRecord(path, "was written by another version of jupyter-gokernel")
    try:
        return [_made(one) for one in content["made"]]
    except (TypeError, KeyError, ValueError) as error:
        raise BadRecord(path, "is damaged") from error


def _parsed(path: Path) -> list[Made]:
    """What stands in somebody else's record; nothing where it can't be read."""
    try:
        return _strictly(path)
    except BadRecord:
        return []


def _made(one: Mapping[str, Any]) -> Made:
    made = Made(**one)
    texts = (made.kind, made.place, made.name, made.proof)
    if not all(isinstance(text, str) for text in texts) or not isinstance(made.whole, bool):
        raise ValueError(one)
    return made
