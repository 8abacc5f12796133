"""`bundle create` where the proxy can't be reached, isn't trusted, or none is to be asked."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.faults import left
from tests.faults.badday import BadDay
from tests.faults.table import REACH, Row
from tests.health import loopback


@pytest.fixture(scope="module")
def nobody() -> Iterator[str]:
    """An address at which nobody listens, and nobody else will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture(scope="module")
def certificate(
    goroot: Callable[[str], Path], dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with a certificate of our own making."""
    folder = tmp_path_factory.mktemp("certificate")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "GOTOOLCHAIN": "local"}
    env["GOCACHE"] = str(dev_cache / "gocache")
    return loopback.make_certificate(goroot("1.26"), env, folder)


@pytest.mark.parametrize("row", REACH, ids=lambda row: row.fault)
def test_each_gives_its_sentence(
    day: BadDay,
    line: CommandLine,
    words: list[str],
    nobody: str,
    certificate: Path,
    row: Row,
) -> None:
    """Once, with what to do; nothing is left, and with the right GOPROXY it works."""
    with loopback.served(day.source, certificate=certificate) as trusted_by_none:
        line.env["GOPROXY"] = {
            "refused": nobody,
            "comma": f"{nobody},{day.faulty.url}",
            "bar": f"{nobody}|{day.faulty.url}",
            "off": "off",
            "dns": "https://modules.invalid",
            "tls": f"https://{trusted_by_none}",
        }[row.fault]
        if row.gave:
            done = line(*words)
            assert done.code == 1
            said = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", " ".join(done.err.split()))
            assert said.count("Error:") == 1
            assert f"{row.gave}. {row.remedy}" in said
            assert left.by_create(line) == []
            assert not (line.cwd / "b").exists()
            line.env["GOPROXY"] = day.faulty.url
        assert line(*words).code == 0
