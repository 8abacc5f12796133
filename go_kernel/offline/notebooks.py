"""What the Go notebooks of a project import and pin, read from their files.

They are text, nothing of them runs.  Whoever wrote one may have meant it for another kernel,
or have left it half-done: what can't be read is told, and no failure.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

_LARGEST = 256 << 20
# What has no dot in its first part comes with Go.
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_~-]*\.[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~+-]+)*")
_NOBODYS = ("vendor", "testdata", "node_modules")

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|`[^`]*(?:`|\Z)"
    r'|"(?:\\.|[^"\\\n])*"|'
    r"'(?:\\.|[^'\\\n])*'|\w+|\n|\S",
    re.DOTALL,
)
# Lines for the kernel or a shell, and cells that hold no Go at all.
_SPECIAL = re.compile(r"^[ \t]*[%!$:].*$", re.MULTILINE)
_NO_GO = re.compile(r"\s*%%(?:writefile|script|bash|sh|html|javascript|markdown)\b")
_GET = re.compile(r"^[ \t]*(?:%get|[!$]\*?[ \t]*go[ \t]+get)[ \t]+(.*)$", re.MULTILINE)


class Said(NamedTuple):
    """Import paths, what `%get` and `go get` ask for, and the files that can't be read."""

    imports: frozenset[str] = frozenset()
    gets: frozenset[str] = frozenset()
    unread: tuple[Path, ...] = ()


def imported(folders: Iterable[Path]) -> list[str]:
    """The import paths in all Go notebooks in these folders, without the standard library's.

    Without those, too, whose module a notebook asks for by itself (`read`).
    """
    found = read(folders)
    pinned = tuple(f"{one.partition('@')[0]}/" for one in found.gets)
    return sorted(one for one in found.imports if not f"{one}/".startswith(pinned))


def read(folders: Iterable[Path]) -> Said:
    """What all Go notebooks in these folders say."""
    imports: set[str] = set()
    gets: set[str] = set()
    unread = []
    for file in sorted({*_files(folders)}):
        try:
            told = [said(text) for text in _cells(file)]
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            unread.append(file)
            continue
        imports.update(*(one.imports for one in told))
        gets.update(*(one.gets for one in told))
    return Said(frozenset(imports), frozenset(gets), tuple(unread))


def said(source: str) -> Said:
    """What a cell says."""
    if _NO_GO.match(source):
        return Said()
    words = {word for line in _GET.findall(source) for word in line.split()}
    gets = (word for word in words if not word.endswith("@none"))
    imports = _imports(_SPECIAL.sub("", source))
    return Said(frozenset(filter(_is_path, imports)), frozenset(filter(_is_path, gets)))


def _imports(source: str) -> Iterator[str]:
    """The paths of import declarations: not what looks like one in a string or a comment."""
    imports, group = False, False
    for found in _TOKEN.finditer(source):
        word = found[0]
        if word.startswith(("//", "/*")):
            continue
        if word == "import":  # a keyword: nothing else can be called that
            imports, group = True, False
        elif imports and word[0] in '"`':
            yield word[1:-1]
            imports = group
        elif imports and word == "(" and not group:
            group = True
        elif not (word in ("_", ".", "\n") or word.isidentifier() or (group and word == ";")):
            imports = group = False


def _is_path(word: str) -> bool:
    path = word.partition("@")[0]
    return bool(_PATH.fullmatch(path)) and ".." not in path


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    """The notebooks below, but for those of modules that aren't among the folders."""
    own = {*folders}
    for folder in own:
        for place, below, files in os.walk(folder):
            if "go.mod" in files and Path(place) not in own:
                below.clear()
                continue
            below[:] = [one for one in below if one not in _NOBODYS and not one.startswith(".")]
            for name in files:
                if name.endswith(".ipynb"):
                    yield Path(place) / name


def _cells(file: Path) -> Iterator[str]:
    """The sources of a Go notebook's code cells; raises what a file that is none leads to."""
    if not file.is_file() or file.stat().st_size > _LARGEST:
        raise ValueError(file)
    content = json.loads(file.read_text("utf-8-sig"))
    if not _is_go(content.get("metadata")):
        return
    # Before nbformat 4 there were sheets of cells.
    for sheet in content.get("worksheets") or [content]:
        for cell in sheet.get("cells") or ():
            if cell.get("cell_type") == "code":
                yield "".join(cell.get("source") or cell.get("input") or "")


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
    if not said:
        return "go" in str(_part(metadata, "kernelspec").get("name") or "go").lower()
    return any(one.lower() == "go" for one in said)


def _part(metadata: Any, name: str) -> dict[str, Any]:
    found = metadata.get(name) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}
