"""What conda-meta says of an environment's Go: its package, subdir and file hashes.

The record of a Go package lists some ten thousand files and takes 6 ms to parse, so
the few facts we need of it are remembered for as long as the file is the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from go_kernel.cache import Cache, file_key
from go_kernel.conda import sample
from go_kernel.files import is_file, read_json

# The packages that have carried `bin/go`, the present one first.
_GO_PACKAGES = ("go", "go-cgo", "go-nocgo", "go-core")
_GO_FILES = ("go/bin/go", "bin/go", "lib/go/bin/go")


@dataclass(frozen=True)
class GoRecord:
    """conda's record of the package that brought `go`.

    `go_sha256` is "" where the record holds no hash for it.
    """

    package: str
    version: str
    build: str
    subdir: str
    channel: str
    go_file: str
    go_sha256: str


def go_record(prefix: Path, cache: Cache) -> GoRecord | None:
    """The record of the package that brought this prefix's `go`; None where none did."""
    return next((record for _, record in _go_records(prefix, cache)), None)


def go_record_file(prefix: Path, cache: Cache) -> Path | None:
    """The file in conda-meta that holds this record."""
    return next((path for path, _ in _go_records(prefix, cache)), None)


def has_go_record(prefix: Path) -> bool:
    """Whether conda has a record of a package of Go's, whatever stands in it."""
    return any(True for _ in _record_files(prefix))


def go_sample(prefix: Path, cache: Cache) -> Mapping[str, int]:
    """Some files of that package with their sizes (`sample`); none where there is no record."""
    path = go_record_file(prefix, cache)
    key = _key_of(path) if path else None
    if path is None or key is None:
        return {}
    known = sample.unpacked(cache.get("go-sample-1", str(path), key))
    return sample.sampled(read_json(path)) if known is None else known


def file_record(prefix: Path, name: str) -> tuple[str, str]:
    """The package that brought a file, and the SHA-256 that it had; "" for what nobody recorded.

    `name` is the file's path in the prefix.  Links have no hash.
    """
    try:
        records = sorted((prefix / "conda-meta").glob("*.json"))
    except OSError:
        return "", ""
    for path in records:
        # Most packages don't name it, and needn't be parsed.
        if not is_file(path) or not _holds(path, json.dumps(name).encode()):
            continue
        content = read_json(path)
        listed = content.get("paths_data") if isinstance(content, dict) else None
        entries = listed.get("paths") if isinstance(listed, dict) else None
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("_path") == name:
                return str(content.get("name", "")), _hash_of(entry)
    return "", ""


def _holds(path: Path, words: bytes) -> bool:
    try:
        return words in path.read_bytes()
    except OSError:
        return False


def _hash_of(entry: dict[str, Any]) -> str:
    """What the file should have here; where a prefix was put in, only one that says so counts."""
    if entry.get("path_type") == "softlink":
        return ""
    installed = entry.get("sha256_in_prefix")
    if not installed and entry.get("prefix_placeholder"):
        return ""
    return str(installed or entry.get("sha256") or "")


def _go_records(prefix: Path, cache: Cache) -> Iterator[tuple[Path, GoRecord]]:
    for path in _record_files(prefix):
        record = _remembered(path, cache)
        if record is not None and record.go_file:
            yield path, record


def _record_files(prefix: Path) -> Iterator[Path]:
    try:
        names = sorted(path.name for path in (prefix / "conda-meta").iterdir())
    except OSError:
        return
    for package in _GO_PACKAGES:
        for name in names:
            # A record is named package-version-build.json, and a package may hold dashes.
            if name.endswith(".json") and name[:-5].rsplit("-", 2)[0] == package:
                yield prefix / "conda-meta" / name


def _remembered(path: Path, cache: Cache) -> GoRecord | None:
    key = _key_of(path)
    if key is None:
        return None
    known = cache.get("go-record-1", str(path), key)
    if known is not None:
        try:
            return GoRecord(**json.loads(known))
        except (ValueError, TypeError, RecursionError):
            pass  # another version's: read it again
    content = read_json(path)
    record = _parsed(content)
    if record is not None:
        cache.put(json.dumps(asdict(record)).encode(), "go-record-1", str(path), key)
        # Parsing it takes longer than all else: who asks for this next needn't do it again.
        cache.put(sample.packed(sample.sampled(content)), "go-sample-1", str(path), key)
    return record


def _key_of(path: Path) -> str | None:
    try:
        return file_key(path)
    except OSError:
        return None


def _parsed(content: Any) -> GoRecord | None:
    if not isinstance(content, dict):
        return None
    go_file, go_sha256 = _go_hash(content)
    return GoRecord(
        package=str(content.get("name", "")),
        version=str(content.get("version", "")),
        build=str(content.get("build", "")),
        subdir=str(content.get("subdir", "")),
        channel=str(content.get("channel", "")),
        go_file=go_file,
        go_sha256=go_sha256,
    )


def _go_hash(content: dict[str, Any]) -> tuple[str, str]:
    listed = content.get("paths_data")
    paths = listed.get("paths") if isinstance(listed, dict) else None
    hashes = {
        entry["_path"]: entry.get("sha256_in_prefix") or entry.get("sha256") or ""
        for entry in (paths if isinstance(paths, list) else ())
        if isinstance(entry, dict)
        and entry.get("_path") in _GO_FILES
        and entry.get("path_type") != "softlink"
    }
    for name in _GO_FILES:
        if name in hashes:
            return name, str(hashes[name])
    return "", ""
