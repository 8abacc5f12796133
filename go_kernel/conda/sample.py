"""A sample of the files that a Go package brought, with their sizes: is the tree whole?

All programs and tools are in it, and of the standard library's sources every so many.
The sizes alone are compared: that takes a stat each, and a file that an update left
half-written, or a disk that ran full, shows in them.  The record is large, so the
sample is remembered for as long as the record is the same file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from go_kernel.cache import Cache, file_key
from go_kernel.conda.records import go_record_file
from go_kernel.files import read_json

_ALL_OF = re.compile(
    r"(?:lib/|libexec/)?(?:go/)?(?:bin/(?:go|gofmt)|pkg/(?:tool|include)/.+|VERSION)"
)
_SOME_OF = re.compile(r"(?:lib/|libexec/)?go/src/(?!.*(?:/testdata/|_test\.go$)).+\.(?:go|s|h)")
_EVERY = 25


def go_sample(prefix: Path, cache: Cache) -> Mapping[str, int]:
    """Paths below `prefix` and sizes in bytes; none where conda has no record of a `go`."""
    record = go_record_file(prefix, cache)
    if record is None:
        return {}
    try:
        key = ("go-sample-1", str(record), file_key(record))
    except OSError:
        return {}
    known = _read(cache.get(*key))
    if known:
        return known
    sample = dict(_sampled(read_json(record)))
    cache.put(json.dumps(sample).encode(), *key)
    return sample


def _read(packed: bytes | None) -> dict[str, int]:
    try:
        value = json.loads(packed or b"{}")
    except (ValueError, RecursionError):
        return {}
    good = isinstance(value, dict) and all(isinstance(size, int) for size in value.values())
    return value if good else {}


def _sampled(record: Any) -> Iterator[tuple[str, int]]:
    sizes = dict(_sizes(record))
    yield from ((path, size) for path, size in sizes.items() if _ALL_OF.fullmatch(path))
    sources = sorted(path for path in sizes if _SOME_OF.fullmatch(path))
    yield from ((path, sizes[path]) for path in sources[::_EVERY])


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
