"""GOPROXY, read as Go reads it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import goproxy
from tests.engines.proxy import LIB, Proxy


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        (" , |,", []),
        ("https://a.invalid", [("https://a.invalid", "")]),
        ("https://a.invalid,direct", [("https://a.invalid", ","), ("direct", "")]),
        (" file:///a | file:///b ,off", [("file:///a", "|"), ("file:///b", ","), ("off", "")]),
        ("direct,file:///never", [("direct", ",")]),
        ("off|https://never.invalid", [("off", "|")]),
    ],
)
def test_entries(value: str, expected: list[tuple[str, str]]) -> None:
    """Empty ones are none, and what is behind `off` and `direct` is never asked."""
    assert [*goproxy.entries(value)] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("https://user:secret@a.invalid,direct", ""),
        ("off", ""),
        ("file:///a", "file:///a"),
        ("FILE:///a,https://x.invalid|file:///b,direct", "FILE:///a,file:///b"),
        ("file:///a|https://x.invalid,file:///b|", "file:///a|file:///b"),
        ("direct,file:///a", ""),
        ("filed.invalid/mirror,/var/lib/proxy", ""),
    ],
)
def test_folders_only(value: str, expected: str) -> None:
    """Offline, folders stay with what is to happen behind them, and nothing else does."""
    assert goproxy.folders_only(value) == expected


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "a space",
        "a,b",
        "a|b",
        "100%",
        "%2C",
        "a#b?c",
        "é中",
        "a:b;c&d=e+f",
        "~x",
        "!x",
        '"',
    ],
)
def test_go_finds_a_folder_of_any_name(
    name: str, tmp_path: Path, goroot: Callable[[str], Path]
) -> None:
    """Go itself reads what is put in front, and goes on to what was there."""
    first, second = Proxy(tmp_path / name / "proxy"), Proxy(tmp_path / "second")
    first.publish(LIB, "v1.0.0", {"lib.go": "package lib\n"})
    second.publish("example.test/other", "v1.1.0", {"other.go": "package other\n"})
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GOPROXY": goproxy.in_front([first.folder], second.url),
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-modcacherw",
    }

    argv = [goroot("1.26") / "bin" / "go", "list", "-m"]
    done = subprocess.run(
        [*argv, f"{LIB}@latest", "example.test/other@v1.1.0"],
        env=env, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout.splitlines() == [f"{LIB} v1.0.0", "example.test/other v1.1.0"], done.stderr


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A folder's name may be any bytes; they are escaped one by one."""
    assert goproxy.in_front([Path("/a\udcff")], "") == "file:///a%FF"
