"""The journal of a repair under way: what is exchanged, read without believing it."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from go_kernel.files import read_json

FOLDER = ".gokernel-repair"
JOURNAL = "journal.json"
# Right in the project, and never one that leads elsewhere.
_NAME = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True)
class Entry:
    """A file or folder in the project, with the digests of the old and the new; "" for none."""

    name: str
    old: str
    new: str
    is_folder: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def read(place: Path) -> tuple[Entry, ...] | None:
    """The journal in a folder of ours; None where there is none that we would have written."""
    try:
        status = place.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return None
    data = read_json(place / JOURNAL)
    if not isinstance(data, list) or not all(map(_is_entry, data)):
        return None
    return tuple(Entry(**one) for one in data)


def _is_entry(one: object) -> bool:
    if not isinstance(one, dict) or set(one) != {"name", "old", "new", "is_folder"}:
        return False
    texts = (one["name"], one["old"], one["new"])
    is_typed = all(isinstance(text, str) for text in texts) and isinstance(one["is_folder"], bool)
    return is_typed and _NAME.fullmatch(one["name"]) is not None
