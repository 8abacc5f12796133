"""What the Go notebooks of a project import, read from their files without running anything."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_LARGEST = 256 << 20
_ALONE = re.compile(r'^[ \t]*import[ \t]+(?:[\w.]+[ \t]+)?["`]([^"`\n]+)["`]', re.MULTILINE)
_BLOCK = re.compile(r"^[ \t]*import[ \t]*\(([^)]*)\)", re.MULTILINE)
_IN_BLOCK = re.compile(r'^[ \t]*(?:[\w.]+[ \t]+)?["`]([^"`\n]+)["`]', re.MULTILINE)
# What has no dot in its first part comes with Go.
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_~-]*\.[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~+-]+)*")
_NOBODYS = ("vendor", "testdata", "node_modules")


def imported(folders: Iterable[Path]) -> list[str]:
    """The import paths in all Go notebooks in these folders, without the standard library's.

    Notebooks that can't be read, or that aren't Go's, are passed over.
    """
    found = {path for file in _files(folders) for text in _cells(file) for path in _paths(text)}
    return sorted(path for path in found if _PATH.fullmatch(path) and ".." not in path)


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for place, below, files in os.walk(folder):
            below[:] = [one for one in below if one not in _NOBODYS and not one.startswith(".")]
            for name in files:
                if name.endswith(".ipynb"):
                    yield Path(place) / name


def _cells(file: Path) -> Iterator[str]:
    """The sources of a Go notebook's code cells."""
    try:
        if not file.is_file() or file.stat().st_size > _LARGEST:
            return
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return
    if not isinstance(content, dict) or not _is_go(content.get("metadata")):
        return
    cells = content.get("cells")
    for cell in cells if isinstance(cells, list) else ():
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source")
            lines = source if isinstance(source, list) else [source]
            yield "".join(line for line in lines if isinstance(line, str))


def _is_go(metadata: Any) -> bool:
    """Whether it says so; one that was never run may say nothing at all."""
    said = [
        str(part.get(name))
        for part, name in (
            (_part(metadata, "kernelspec"), "language"),
            (_part(metadata, "language_info"), "name"),
        )
        if part.get(name)
    ]
    return not said or any(one.lower() == "go" for one in said)


def _part(metadata: Any, name: str) -> dict[str, Any]:
    found = metadata.get(name) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def _paths(text: str) -> Iterator[str]:
    yield from _ALONE.findall(text)
    for block in _BLOCK.findall(text):
        yield from _IN_BLOCK.findall(block)
