"""The small parts of making a bundle: orders, names, packages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from go_kernel.offline import packages, versions

ORDERED = [
    "v0.0.0-20200101000000-abcdefabcdef",
    "v0.9.0",
    "v1.0.0-alpha",
    "v1.0.0-alpha.1",
    "v1.0.0-alpha.beta",
    "v1.0.0-beta.2",
    "v1.0.0-beta.11",
    "v1.0.0-rc.1",
    "v1.0.0",
    "v1.2.0",
    "v1.10.0",
    "v2.0.0+incompatible",
]


def test_versions_are_ordered_as_go_does() -> None:
    """Numbers as numbers, pre-releases before releases."""
    mixed = random.Random(7).sample(ORDERED, len(ORDERED))
    assert sorted(mixed, key=versions.order) == ORDERED


@pytest.mark.parametrize(
    ("there", "newest"),
    [
        (["v1.0.0", "v1.1.0-rc.1"], "v1.0.0"),
        (["v1.1.0-rc.1", "v1.1.1-0.20260101000000-abcdefabcdef"], "v1.1.0-rc.1"),
        (["v0.0.0-20250101000000-abcdefabcdef", "v0.0.0-20260101000000-abcdefabcdef"],) * 1
        + ("v0.0.0-20260101000000-abcdefabcdef",),
        (["v1.9.0", "v1.10.0"], "v1.10.0"),
    ],
)
def test_the_newest_is_a_release_where_there_is_one(there: list[str], newest: str) -> None:
    """Then a pre-release, then a commit."""
    assert versions.newest(there) == newest


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("package a", True),
        ("\ufeff// c\n\n/* d\n*/ package a // e", True),
        ("package main", False),
        ("// package a\npackage main", False),
        ("", False),
        ("/* no end package a", False),
        ("/*" * 2000 + "* /" * 2000, False),
        ("/**/" * 5000 + "x", False),
    ],
)
def test_a_package_is_known_by_its_clause(tmp_path: Path, text: str, is_one: bool) -> None:
    """Whatever stands before it; programs are none."""
    (tmp_path / "a.go").write_text(text)
    assert packages.importable(tmp_path, "example.test/m") == ["example.test/m"] * is_one


def test_what_notebooks_cannot_import_is_left_out(tmp_path: Path) -> None:
    """Tests, testdata, vendor, internal, other modules, hidden folders."""
    for place in (".", "a", "a/b", "testdata", "vendor/x", "internal/y", "a/internal", "_o", ".h"):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / "x.go").write_text("package x\n")
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested/go.mod").touch()
    (tmp_path / "nested/x.go").write_text("package x\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/x_test.go").write_text("package x\n")
    assert packages.importable(tmp_path, "m.test") == ["m.test", "m.test/a", "m.test/a/b"]
