"""A sample of the files that a Go package brought, with their sizes: is the tree whole?

All programs and tools are in it, and of the standard library's sources every so many.
The sizes alone are compared: that takes a stat each, and a file that an update left
half-written, or a disk that ran full, shows in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PROGRAMS = re.compile(
    r"(?:lib/|libexec/)?(?:go/)?(?:bin/(?:go|gofmt)|pkg/(?:tool|include)/.+|VERSION)"
)
_EVERY = 25


def sampled(record: Any) -> dict[str, int]:
    """Paths below the prefix, and sizes in bytes, from a record in conda-meta."""
    sizes = dict(_sizes(record))
    sources = sorted(filter(_is_source, sizes))[::_EVERY]
    programs = (path for path in sizes if "/src/" not in path and _PROGRAMS.fullmatch(path))
    return {path: sizes[path] for path in (*programs, *sources)}


def packed(sample: Mapping[str, int]) -> bytes:
    """A sample as bytes to keep."""
    return json.dumps(sample).encode()


def unpacked(data: bytes | None) -> dict[str, int] | None:
    """The sample in bytes that were kept; None where they hold none."""
    try:
        value = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    good = isinstance(value, dict) and all(isinstance(size, int) for size in value.values())
    return value if good else None


def _is_source(path: str) -> bool:
    """Tests are left out: somebody may have taken them away to save room."""
    return (
        path.startswith(("go/src/", "lib/go/src/", "libexec/go/src/"))
        and path.endswith((".go", ".s", ".h"))
        and not path.endswith("_test.go")
        and "/testdata/" not in path
    )


def _sizes(record: Any) -> Iterator[tuple[str, int]]:
    """The files that conda placed as they were: one with a prefix put in has another size."""
    listed = record.get("paths_data") if isinstance(record, dict) else None
    paths = listed.get("paths") if isinstance(listed, dict) else None
    for entry in paths if isinstance(paths, list) else ():
        if not isinstance(entry, dict) or entry.get("path_type") == "softlink":
            continue
        path, size = entry.get("_path"), entry.get("size_in_bytes")
        if isinstance(path, str) and isinstance(size, int) and "prefix_placeholder" not in entry:
            yield path, size
