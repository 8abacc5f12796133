"""What a repair would change, line by line, as people read it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from itertools import islice

from go_kernel.findings import Risk
from go_kernel.printable import printable
from go_kernel.project.repair.content import Folder
from go_kernel.variables import mask_urls

# A go.sum of a large project changes in thousands of lines.
_LINES = 60
_FILES = 20
_CONTEXT = 1


def of_text(name: str, old: bytes | None, new: bytes | None) -> list[str]:
    """The lines of a unified diff; none where nothing changes, files that differ only in their
    being there included.
    """
    lines = difflib.unified_diff(
        _lines(old),
        _lines(new),
        name if old is not None else "/dev/null",
        name if new is not None else "/dev/null",
        n=_CONTEXT,
        lineterm="",
    )
    said = [printable(mask_urls(line.expandtabs(4))) for line in lines]
    if not said and old != new:
        said = [f"{name}: other line endings" if old and new else f"{name}: an empty file"]
    return _cut(said, _LINES)


def of_folder(name: str, old: Folder | None, new: Folder | None) -> list[str]:
    """How many files come, go and change, and which."""
    before, after = (one.files if one else {} for one in (old, new))
    marked = [*_marked(before, after)]
    if not marked:
        return [] if (old is None) == (new is None) else [f"{name}: an empty folder"]
    words = {"+": "come", "-": "go", "~": "change"}
    counts = {mark: sum(1 for one, _ in marked if one == mark) for mark in words}
    said = ", ".join(f"{number} {words[mark]}" for mark, number in counts.items() if number)
    lines = [printable(f"{mark} {name}/{file}") for mark, file in marked]
    return [f"files of {name}: {said}", *_cut(lines, _FILES)]


def risk_of_sums(old: bytes | None, new: bytes | None) -> Risk:
    """Lines that come take nothing away; those that go can be made again."""
    return Risk.NONE if {*_lines(old)} <= {*_lines(new)} else Risk.LOW


def risk_of_vendor(old: Folder | None, new: Folder | None) -> Risk:
    """Files that change or go may have been mended by hand, but for the list of them."""
    before, after = (one.files if one else {} for one in (old, new))
    gone = {file for mark, file in _marked(before, after) if mark != "+"}
    if gone - {"modules.txt"}:
        return Risk.MEDIUM
    return Risk.LOW if gone else Risk.NONE


def _marked(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for file in sorted({*before, *after}):
        if file not in before:
            yield "+", file
        elif file not in after:
            yield "-", file
        elif before[file] != after[file]:
            yield "~", file


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "backslashreplace").splitlines()


def _cut(lines: list[str], most: int) -> list[str]:
    more = len(lines) - most
    return [*islice(lines, most), f"... and {more} more lines"] if more > 1 else lines
