"""How a build was made, kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from go_kernel.files import read_json, write_json
from go_kernel.process import expressible

FILE = "manifest.json"
_TEXTS = (
    *("key", "engine", "go_version", "goroot", "go_sha256", "platform", "sources_digest"),
    *("executable", "std_exports", "sha256", "built_at", "made_by"),
)
SCHEMA = 1


@dataclass(frozen=True)
class Manifest:
    """What was built from what, by what, when; sizes in bytes, times in UTC and seconds.

    `executable` and `std_exports` ("" where there are none) are paths inside the build's
    folder; `beside` are the paths of its other programs, with the SHA-256 of each.
    """

    key: str
    engine: str
    go_version: str
    goroot: str
    go_sha256: str
    platform: str
    cgo: bool
    flags: tuple[str, ...]
    modules: Mapping[str, str]
    sources_digest: str
    executable: str
    std_exports: str
    size: int
    sha256: str
    built_at: str
    seconds: float
    made_by: str
    beside: Mapping[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    def write(self, folder: Path) -> None:
        """Write it into a build's folder; raises OSError."""
        write_json(folder / FILE, asdict(self))


def read(folder: Path) -> Manifest | None:
    """The manifest of a build's folder; None where there is none that is whole."""
    data = read_json(folder / FILE)
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        return None
    if not _well_formed(data):
        return None
    return Manifest(**{**data, "flags": tuple(data["flags"])})


def _well_formed(data: Mapping[str, Any]) -> bool:
    # Older ones don't say what is beside the kernel: nothing was.
    if {*data, "beside"} != {one.name for one in fields(Manifest)}:
        return False
    beside = data.get("beside", {})
    if not isinstance(beside, dict):
        return False
    inside = [data["executable"], data["std_exports"], *beside]
    texts = [*(data[name] for name in _TEXTS), *beside, *beside.values()]
    return (
        all(isinstance(text, str) and expressible(text) for text in texts)
        and all(_is_inside(path) for path in inside)
        and all(isinstance(data[name], (int, float)) for name in ("size", "seconds"))
        and isinstance(data["flags"], list)
        and isinstance(data["modules"], dict)
        and isinstance(data["size"], int)
    )


def _is_inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts
