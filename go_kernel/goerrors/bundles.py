"""Which bundle it was that said what a module must be."""

from __future__ import annotations

import json
import re
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def saying(sums: str, line: str) -> str:
    """The name, or else the id, of the bundle whose go.sum has this line; "" for none.

    `sums` is GOKERNEL_SUMS: files by colons, a colon in a name as `%3A` and a percent as `%25`.
    """
    for name in sums.split(":"):
        file = Path(name.replace("%3A", ":").replace("%25", "%"))
        try:
            found = name and line in file.read_text(errors="replace").split("\n")
        except (OSError, ValueError):
            continue
        if found:
            return _title(file.parent)
    return ""


def _title(folder: Path) -> str:
    try:
        name = json.loads((folder / "bundle.json").read_bytes())["name"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        name = ""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else folder.name
