"""One hash of all that an environment consists of."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from go_kernel.conda.packages import Package
from go_kernel.project import fingerprint

GO = Package("go", "1.26.6", "h0_0", 0, "linux-64", "forge", "https://c.invalid/go", "a" * 64)
ZLIB = Package("zlib", "1.3", "h1_1", 1, "linux-64", md5="b" * 32)


def test_the_same_packages_from_anywhere() -> None:
    """Neither their order nor the mirror counts, nor who asked for what."""
    there = replace(GO, channel="mirror", url="file:///pkgs/go", requested_specs=("go",))

    assert fingerprint.of([ZLIB, GO], "c" * 64) == fingerprint.of([there, ZLIB], "c" * 64)
    assert re.fullmatch("[0-9a-f]{64}", fingerprint.of([], ""))


@pytest.mark.parametrize(
    "other",
    [
        [GO],
        [GO, replace(ZLIB, version="1.4")],
        [GO, replace(ZLIB, build="h1_2")],
        [GO, replace(ZLIB, subdir="osx-64")],
        [GO, replace(ZLIB, md5="c" * 32)],
        [replace(GO, sha256="c" * 64), ZLIB],
    ],
)
def test_whatever_changes_is_in_it(other: list[Package]) -> None:
    """Each fact by which a package is told from another one."""
    assert fingerprint.of(other, "c" * 64) != fingerprint.of([GO, ZLIB], "c" * 64)


def test_a_go_that_was_replaced() -> None:
    """The program counts beside the package that brought it."""
    assert fingerprint.of([GO], "c" * 64) != fingerprint.of([GO], "d" * 64)
