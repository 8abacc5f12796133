"""The table of causes, read once a process."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("table.json")


@dataclass(frozen=True)
class Table:
    """The file, its patterns compiled: the first cause that is found counts.

    `rules` are causes that take more than one pattern; `network` and `absent` are the kinds
    that bear these marks.
    """

    causes: tuple[tuple[re.Pattern[str], dict[str, Any]], ...]
    rules: Mapping[str, dict[str, Any]]
    patterns: Mapping[str, re.Pattern[str]]
    network: frozenset[str]
    absent: frozenset[str]


@functools.cache
def load() -> Table:
    """Read it."""
    content = json.loads(FILE.read_text())
    entries = [*content["causes"], *content["rules"].values()]
    marked = {
        mark: frozenset(entry["kind"] for entry in entries if entry.get(mark))
        for mark in ("network", "absent")
    }
    return Table(
        causes=tuple((_compiled(entry["pattern"]), entry) for entry in content["causes"]),
        rules=content["rules"],
        patterns={name: _compiled(pattern) for name, pattern in content["patterns"].items()},
        network=marked["network"],
        # A folder that isn't there is told apart by who looks (health's proxies).
        absent=marked["absent"] | {"no-folder"},
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    # As Go has it, whose classes hold no letters but ASCII's.
    return re.compile(pattern, re.ASCII)


def escaped(path: str) -> str:
    """A module's path as module caches and proxies write it.

    ref: https://go.dev/ref/mod#goproxy-protocol
    """
    return re.sub("[A-Z]", lambda match: f"!{match[0].lower()}", path)
