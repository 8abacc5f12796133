"""What conda-meta says of the package that brought `go`."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from go_kernel.cache import Cache
from go_kernel.conda.records import GoRecord, file_record, go_record
from tests import prefixes
from tests.conftest import CondaPrefix


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An empty environment."""
    return prefixes.prefix(tmp_path / "env")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty cache."""
    return prefixes.cache(tmp_path)


def entry(path: str = "go/bin/go", sha256: object = "a" * 64, **more: object) -> dict[str, object]:
    """One file of a package."""
    return {"_path": path, "path_type": "hardlink", "sha256_in_prefix": sha256, **more}


def record(
    prefix: Path, *entries: object, package: str = "go", version: str = "1.26.6", **more: object
) -> Path:
    """A package's record."""
    content = {
        "name": package,
        "version": version,
        "build": "h0_0",
        "subdir": "linux-64",
        "channel": "conda-forge",
        "paths_data": {"paths": list(entries)},
        **more,
    }
    path = prefix / "conda-meta" / f"{package}-{version}-h0_0.json"
    return prefixes.write(path, json.dumps(content))


@pytest.mark.parametrize(("version", "layout"), [("1.22", "A"), ("1.27", "B")])
def test_a_real_record(version: str, layout: str, conda_prefix: CondaPrefix, cache: Cache) -> None:
    """Its hash is that of the very file."""
    prefix = conda_prefix(f"go={version}", "go-cgo")

    found = go_record(prefix, cache)

    assert found is not None
    assert found.package == "go"
    assert found.version.startswith(version)
    assert found.go_file == "go/bin/go"
    assert found.go_sha256 == hashlib.sha256((prefix / "go/bin/go").read_bytes()).hexdigest()
    assert found == go_record(prefix, cache)


def test_all_that_is_kept_of_a_record(prefix: Path, cache: Cache) -> None:
    """The few facts of its megabytes that anybody asks for."""
    record(prefix, entry("bin/go", path_type="softlink"), entry())

    assert go_record(prefix, cache) == GoRecord(
        "go", "1.26.6", "h0_0", "linux-64", "conda-forge", "go/bin/go", "a" * 64
    )


def test_the_package_is_known_by_its_whole_name(prefix: Path, cache: Cache) -> None:
    """Neither `go-licenses` nor `goofys` is Go."""
    for package in ("go-licenses", "goofys", "go_select", "python-go"):
        record(prefix, entry(), package=package)
    assert go_record(prefix, cache) is None

    record(prefix, entry(), package="go-nocgo")
    found = go_record(prefix, cache)
    assert found is not None
    assert found.package == "go-nocgo"


def test_a_package_that_brings_no_go_is_passed_over(prefix: Path, cache: Cache) -> None:
    """Older `go` packages only depended on the one that did."""
    record(prefix, package="go")
    record(prefix, entry("bin/go", "b" * 64), package="go-cgo")

    found = go_record(prefix, cache)

    assert found is not None
    assert (found.package, found.go_file, found.go_sha256) == ("go-cgo", "bin/go", "b" * 64)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ({"sha256_in_prefix": "b" * 64, "sha256": "a" * 64}, "b" * 64),
        ({"sha256_in_prefix": None, "sha256": "a" * 64}, "a" * 64),
        ({"sha256": "a" * 64}, "a" * 64),
        ({}, ""),
        ({"sha256": None}, ""),
    ],
)
def test_the_hash_of_the_installed_file(
    listed: dict[str, object], expected: str, prefix: Path, cache: Cache
) -> None:
    """A prefix written into a file changes its hash; no hash at all is "nobody knows"."""
    record(prefix, {"_path": "go/bin/go", "path_type": "hardlink", **listed})

    found = go_record(prefix, cache)

    assert found is not None
    assert found.go_sha256 == expected


ODD = {
    "no JSON": "{",
    "a list": "[]",
    "null": "null",
    "deep": "[" * 100_000,
    "no paths": "{}",
    "paths null": '{"paths_data": {"paths": null}}',
    "paths a number": '{"paths_data": {"paths": 3}}',
    "paths text": '{"paths_data": {"paths": "go/bin/go"}}',
    "paths_data a list": '{"paths_data": []}',
    "odd entries": '{"paths_data": {"paths": [null, 1, [], {}, {"_path": ["go/bin/go"]}]}}',
    "empty": "",
    "NUL": "\0" * 100,
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_record_is_no_record(kind: str, prefix: Path, cache: Cache) -> None:
    """Not an error: the environment may still work."""
    record(prefix).write_text(ODD[kind])

    assert go_record(prefix, cache) is None


def test_odd_things_in_place_of_records(prefix: Path, cache: Cache) -> None:
    """A folder, a pipe, a link to nowhere, no conda-meta at all."""
    (prefix / "conda-meta/go-1-h_0.json").mkdir()
    os.mkfifo(prefix / "conda-meta/go-2-h_0.json")
    (prefix / "conda-meta/go-3-h_0.json").symlink_to("nowhere")

    assert go_record(prefix, cache) is None
    assert go_record(prefix / "gone", cache) is None


def test_what_is_remembered_ends_with_the_file(prefix: Path, cache: Cache) -> None:
    """An upgrade replaces the record; an edit that hides its time is seen, too."""
    path = record(prefix, entry())
    found = go_record(prefix, cache)
    path.unlink()
    path = record(prefix, entry(sha256="b" * 64), version="1.27.3")
    upgraded = go_record(prefix, cache)
    prefixes.rewrite(path, path.read_bytes().replace(b"b" * 64, b"c" * 64))
    edited = go_record(prefix, cache)

    hashes = [one.go_sha256[:1] for one in (found, upgraded, edited) if one]
    assert hashes == ["a", "b", "c"]


def test_a_record_is_parsed_once(prefix: Path, cache: Cache) -> None:
    """The real ones are megabytes: what was kept of it is believed, since it is ours."""
    record(prefix, entry())
    go_record(prefix, cache)
    for remembered in cache.folder.iterdir():
        remembered.write_bytes(remembered.read_bytes().replace(b"h0_0", b"kept"))

    found = go_record(prefix, Cache(cache.folder))

    assert found is not None
    assert found.build == "kept"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"1", b'{"package": 1}', b"[" * 100_000])
def test_a_damaged_memory_is_read_anew(content: bytes, prefix: Path, cache: Cache) -> None:
    """It costs six milliseconds."""
    record(prefix, entry())
    expected = go_record(prefix, cache)
    for remembered in cache.folder.iterdir():
        remembered.write_bytes(content)

    assert go_record(prefix, cache) == expected


def test_the_record_of_one_file(tmp_path: Path) -> None:
    """By whichever package brought it; none for links and where no hash is of the file as it is."""
    entries = [
        {"_path": "bin/a", "sha256": "1", "sha256_in_prefix": "2"},
        {"_path": "bin/b", "sha256": "3"},
        {"_path": "bin/c", "sha256": "4", "prefix_placeholder": "/old"},
        {"_path": "bin/d", "sha256": "5", "path_type": "softlink"},
    ]
    meta = tmp_path / "conda-meta"
    meta.mkdir()
    (meta / "broken-1-0.json").write_text('{"_path": "bin/a"')
    (meta / "tools-1-0.json").write_text(
        json.dumps({"name": "tools", "paths_data": {"paths": entries}})
    )
    os.mkfifo(meta / "pipe-1-0.json")
    names = ("bin/a", "bin/b", "bin/c", "bin/d", "bin/e")
    found = [file_record(tmp_path, name) for name in names]
    assert found == [("tools", "2"), ("tools", "3"), ("tools", ""), ("tools", ""), ("", "")]
