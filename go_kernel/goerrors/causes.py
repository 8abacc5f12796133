"""What Go means when it fails to get a module, in a sentence and with a remedy.

Pure: the text that `go` printed goes in.  Hosts are named, credentials never are.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel.findings import Remedy
from go_kernel.variables import mask_urls

TABLE = Path(__file__).with_name("table.json")


@dataclass(frozen=True)
class Cause:
    """Why a `go` command failed.

    `kind` is one of the words in the table, or "unknown"; `reason` is a clause without a
    full stop, as in "example.invalid refuses connections".
    """

    kind: str
    reason: str
    remedy: Remedy | None = None

    @property
    def absent(self) -> bool:
        """Whether the one who was asked answered, and hasn't got it: Go then asks the next."""
        return self.kind in _table().absent

    @property
    def network(self) -> bool:
        """Whether it lies at the way to another machine, or at what that machine allows."""
        return self.kind in _table().network


def explain(output: str) -> Cause:
    """The cause in what `go` printed, whatever it printed.

    Where Go names several, the one that the others follow from.
    """
    text = mask_urls(output)
    table = _table()
    cause = table.find(text)
    about_sums = table.patterns["about_sums"].search(text)
    if about_sums and cause.network and cause.kind != "sumdb-bad":
        inner = table.find(about_sums[0])
        if inner.network:
            return _filled(table.sumdb, {"reason": inner.reason})
    return cause


@dataclass(frozen=True)
class _Table:
    """The file, its patterns compiled."""

    causes: tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]
    patterns: Mapping[str, re.Pattern[str]]
    sumdb: Mapping[str, Any]

    @functools.cached_property
    def absent(self) -> frozenset[str]:
        return frozenset({"no-folder", *self._with("absent")})

    @functools.cached_property
    def network(self) -> frozenset[str]:
        return frozenset({self.sumdb["kind"], *self._with("network")})

    def _with(self, mark: str) -> list[str]:
        return [str(entry["kind"]) for _, entry in self.causes if entry.get(mark)]

    def find(self, text: str) -> Cause:
        for pattern, entry in self.causes:
            match = pattern.search(text)
            if match:
                words = {"host": self._host(entry["kind"], text), "found": self._found(match, text)}
                return _filled(entry, words)
        return Cause("unknown", _last_line(text))

    def _found(self, match: re.Match[str], text: str) -> str:
        phrase = self.patterns["phrase"].search(text)
        return next(
            (str(group) for group in match.groups() if group), phrase[0] if phrase else match[0]
        )

    def _host(self, kind: str, text: str) -> str:
        looked_up = self.patterns["looked_up"].search(text) if kind == "dns" else None
        if looked_up:
            return str(looked_up[1] or looked_up[2])
        named = self.patterns["host"].search(text)
        return named[1] if named else "the server"


@functools.cache
def _table() -> _Table:
    content = json.loads(TABLE.read_text())
    return _Table(
        tuple((_compiled(entry["pattern"]), entry) for entry in content["causes"]),
        {name: _compiled(pattern) for name, pattern in content["patterns"].items()},
        content["sumdb"],
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    # As Go has it, whose classes hold no letters but ASCII's.
    return re.compile(pattern, re.ASCII)


def _filled(entry: Mapping[str, Any], words: Mapping[str, str]) -> Cause:
    """An entry's cause; a word that is filled in is not looked through again."""

    def fill(text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: words.get(match[1], match[0]), text)

    return Cause(entry["kind"], fill(entry["reason"]), Remedy(fill(entry["remedy"])))


def _last_line(text: str) -> str:
    lines = [line.strip().rstrip(".") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
