"""Transcripts in a page of the docs: what was typed, and what came; and what of it is chance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCK = re.compile(r"(?s)<!-- transcript: (\w+) -->\n```console\n(.*?)```")
# What differs from day to day, from machine to machine, and by the version of pip's Go.
_CHANCE = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "SHA256"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "ID"),
    (re.compile(r"\b[0-9][0-9.,]* ?(MB|GB)\b"), r"N \1"),
    (re.compile(r"\b1\.[0-9]+\.[0-9]+\b"), "GO"),
    (re.compile(r"(?m)\t(?:[0-9.]+s|\(cached\))$"), "\tTIME"),
    (re.compile(r"\b[0-9]+ files\b"), "N files"),
    (re.compile(r"\b(linux|darwin)[-/](amd64|arm64)\b"), "PLATFORM"),
)
# Columns are as wide as what is in them.
_GAPS = re.compile(r"  +|\t")


@dataclass(frozen=True)
class Step:
    """A command, and the lines that it printed."""

    command: str
    printed: str


def steps(page: str, name: str) -> list[Step]:
    """Those of the block of this name in a page."""
    [block] = [found[2] for found in _BLOCK.finditer(page) if found[1] == name]
    return list(_steps(block))


def _steps(block: str) -> Iterator[Step]:
    for part in re.split(r"(?m)^\$ ", block)[1:]:
        # A command goes on where its line ends with a backslash.
        found = re.match(r"(?s)((?:[^\n]*\\\n)*[^\n]*)\n(.*)", part)
        assert found is not None
        yield Step(found[1], found[2])


def without_chance(text: str) -> list[str]:
    """The lines without what may differ."""
    for pattern, word in _CHANCE:
        text = pattern.sub(word, text)
    return [_GAPS.sub("  ", line).rstrip() for line in text.splitlines()]
