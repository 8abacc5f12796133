"""What somebody asked an environment for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from go_kernel.conda.history import requested, without_build
from go_kernel.conda.packages import NoPackages
from tests import prefixes
from tests.conftest import CondaPrefix


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment that holds three packages."""
    prefix = prefixes.prefix(tmp_path / "env")
    for name in ("go", "gopls", "zlib"):
        content = {"name": name, "version": "1.0", "build": "h0_0"}
        content |= {"requested_specs": [f"{name} 1.*"]} if name == "go" else {}
        prefixes.write(prefix / "conda-meta" / f"{name}-1.0-h0_0.json", json.dumps(content))
    return prefix


def history(prefix: Path, *lines: str) -> None:
    """Write its history."""
    prefixes.write(prefix / "conda-meta" / "history", "\n".join(lines) + "\n")


def test_a_real_environment(conda_prefix: CondaPrefix) -> None:
    """What it was made with is what it was asked for."""
    assert requested(conda_prefix("go=1.26", "go-cgo")) == ("go=1.26", "go-cgo")


def test_the_last_wish_counts(prefix: Path) -> None:
    """As conda reads its history: later words replace earlier ones, removed is removed."""
    history(
        prefix,
        "==> 2026-01-01 00:00:00 <==",
        "# cmd: conda create go=1.20 gopls zlib gone",
        "# update specs: ['go=1.20', 'gopls', 'zlib=1.0=h0_0', 'gone']",
        "==> 2026-01-02 00:00:00 <==",
        '# install specs: ["go=1.26"]',
        "==> 2026-01-03 00:00:00 <==",
        "# remove specs: ['gopls']",
    )

    assert requested(prefix) == ("go=1.26", "zlib=1.0")


def test_words_of_an_old_conda(prefix: Path) -> None:
    """Before conda 4.5 they stood side by side, and versions held the same comma."""
    history(prefix, "==> x <==", "# update specs: go >=1.2,<2,gopls")

    assert requested(prefix) == ("go>=1.2,<2", "gopls")


@pytest.mark.parametrize("line", ["", "// not relevant for pixi", "# update specs: ['go", "\0"])
def test_without_a_history_the_records_count(prefix: Path, line: str) -> None:
    """Other installers than conda leave it empty, or write something else."""
    history(prefix, line)

    assert requested(prefix) == ("go=1",)


def test_a_pipe_in_place_of_a_history(prefix: Path) -> None:
    """Nobody waits for whoever might write it."""
    os.mkfifo(prefix / "conda-meta" / "history")

    assert requested(prefix) == ("go=1",)


def test_a_huge_history(prefix: Path) -> None:
    """It isn't read into memory."""
    path = prefixes.write(prefix / "conda-meta" / "history", "")
    os.truncate(path, 1 << 40)

    with pytest.raises(NoPackages, match="larger than 16 MB"):
        requested(prefix)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("go", "go"),
        ("Go=1.26", "go=1.26"),
        ("go 1.26.6.*", "go=1.26.6"),
        ("go=1.26.*", "go=1.26"),
        ("go 1.26", "go==1.26"),
        ("go *", "go"),
        ("numpy==1.2=py_0", "numpy==1.2"),
        ("numpy=1.2=py_0", "numpy=1.2"),
        ("python 3.10.* *_cpython", "python=3.10"),
        ("a >= 1.5.1, < 2.0", "a>=1.5.1,<2.0"),
        ("a 1.2|1.3", "a 1.2|1.3"),
        ("a~=1.2", "a~=1.2"),
        ("conda-forge/linux-64::go==1.26.6=h0_0", "conda-forge::go==1.26.6"),
        ("conda-forge/noarch::tzdata[md5=ab]", "conda-forge::tzdata"),
        ("go[version='>=1.2',build=xyz]", "go>=1.2"),
        ("https://a:b@c.invalid/t/tok/f/linux-64::go==1.2=b", "https://c.invalid/f::go==1.2"),
        ("https://a:b@c.invalid/t/tok/f/linux-64/go-1.2-h_0.conda", "go==1.2"),
        ("go=1.26 # the course's", "go=1.26"),
        ("", ""),
        ("=", ""),
    ],
)
def test_a_spec_without_its_build(spec: str, said: str) -> None:
    """Builds, hashes, platforms and secrets go; channel and version stay."""
    assert without_build(spec) == said
