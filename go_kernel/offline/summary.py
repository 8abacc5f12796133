"""What a store says of a bundle in few words: `bundle.json` beside its content.

A manifest names every file and can be megabytes; a launch reads this one.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from go_kernel.files import write_json
from go_kernel.printable import printable

FILE = "bundle.json"
SCHEMA = 1

ID = re.compile(r"[0-9a-f]{16}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HASH = re.compile(r"(?:[0-9a-f]{64})?")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,40}")
_PLATFORM = re.compile(r"[a-z0-9]{1,20}-[a-z0-9_]{1,20}")
# Each launch reads one of each bundle.
_MOST_BYTES = 128 << 10
_MOST = 1 << 53
_LAST_SECOND = 253402300800  # the year 10000, which no calendar of Python's has
_COUNTS = ("modules", "files", "size")


@dataclass(frozen=True)
class Summary:
    """What a bundle holds, and how it came here.

    `name` is "" where it has none; `sha256` is that of the archive it came in, "" for one
    that came as a folder; `used_at` is when `use` was last said, in seconds since the epoch;
    `engines` are names with the digest of their pins, `toolchains` platforms with a version of
    Go; of `projects` and `extras` there are the first 200; `modules` are those that are
    there as zip, `size` is the sum of all files in bytes.
    """

    id: str
    name: str
    sha256: str
    used_at: float
    made_by: str
    go_version: str
    engines: tuple[tuple[str, str], ...]
    projects: tuple[str, ...]
    extras: tuple[str, ...]
    toolchains: tuple[tuple[str, str], ...]
    modules: int
    files: int
    size: int
    schema: int = SCHEMA

    def write(self, folder: Path, *, mode: int = 0o644) -> None:
        """Write it into a bundle's folder; raises OSError."""
        write_json(folder / FILE, asdict(self), mode=mode)


def read(folder: Path) -> Summary | None:
    """The summary in a bundle's folder; None where there is none that is whole."""
    data = _data(folder)
    if data.get("schema") != SCHEMA or not _well_formed(data):
        return None
    pairs = {name: tuple(map(tuple, data[name])) for name in ("engines", "toolchains")}
    texts = {name: tuple(data[name]) for name in ("projects", "extras")}
    return Summary(**{**data, **pairs, **texts})


def is_newer(folder: Path) -> bool:
    """Whether a later version of ours wrote it, which says other things."""
    schema = _data(folder).get("schema")
    return type(schema) is int and schema > SCHEMA


def _data(folder: Path) -> Mapping[str, Any]:
    path = folder / FILE
    try:
        status = path.stat()  # a named pipe would wait for ever
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            return {}
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _well_formed(data: Mapping[str, Any]) -> bool:
    return (
        set(data) == {one.name for one in fields(Summary)}
        and _is(ID, data["id"])
        and (data["name"] == "" or _is(NAME, data["name"]))
        and _is(_HASH, data["sha256"])
        and _is(_VERSION, data["go_version"])
        and _is_text(data["made_by"])
        and type(data["used_at"]) in (int, float)
        and 0 <= data["used_at"] < _LAST_SECOND
        and all(type(data[name]) is int and 0 <= data[name] <= _MOST for name in _COUNTS)
        and all(_are(_is_text, data[name]) for name in ("projects", "extras"))
        and _are(_is_engine, data["engines"])
        and _are(_is_toolchain, data["toolchains"])
    )


def _are(test: Any, values: object) -> bool:
    return isinstance(values, list) and all(test(value) for value in values)


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and printable(value) == value


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_text, value))


def _is_engine(value: Any) -> bool:
    return _is_pair(value) and _is(_HASH, value[1])


def _is_toolchain(value: Any) -> bool:
    return _is_pair(value) and _is(_PLATFORM, value[0]) and _is(_VERSION, value[1])
