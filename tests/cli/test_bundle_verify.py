"""`bundle verify` on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from go_kernel.offline.store import BundleStores
from go_kernel.offline.use import use
from tests.cli.conftest import CommandLine
from tests.offline import bundling
from tests.offline.bundling import Made

_ZIP = "proxy/example.invalid/m/@v/v1.0.0.zip"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A bundle that is whole."""
    return bundling.make(tmp_path_factory.mktemp("made"), name="course")


@pytest.fixture
def folder(made: Made, tmp_path: Path) -> Path:
    """Its folder, to be changed."""
    return Path(shutil.copytree(made.folder, tmp_path / "bundle"))


@pytest.fixture
def line(cli: CommandLine, tmp_path: Path) -> CommandLine:
    """A command line with stores of its own."""
    cli.env["GOKERNEL_SITE_BUNDLES"] = str(tmp_path / "site")
    cli.env["GOKERNEL_BUNDLES"] = str(tmp_path / "user")
    return cli


def test_it_says_that_it_is_whole(line: CommandLine, made: Made) -> None:
    """Which bundle, how much; exit code 0."""
    result = line("bundle", "verify", made.archive)

    assert result.code == 0
    assert f"is whole: bundle {made.manifest.id}, 1 module, 7 files, 0 MB." in result.out
    assert str(made.archive) in result.out


def test_it_names_each_problem(line: CommandLine, folder: Path) -> None:
    """One a line; exit code 1."""
    (folder / _ZIP).unlink()
    (folder / "x\x1b[2J").write_text("")
    result = line("bundle", "verify", "../bundle")

    assert result.code == 1
    assert result.out.splitlines() == [
        f"{_ZIP}: missing (it isn't there)",
        "x\\x1b[2J: extra (the manifest doesn't name it)",
    ]
    assert "is not whole: 2 problems." in result.err
    assert "bundle create" in result.err


def test_it_gives_json(line: CommandLine, made: Made, folder: Path) -> None:
    """With and without problems."""
    whole = line("bundle", "verify", made.archive, "--json").json
    (folder / _ZIP).unlink()
    result = line("bundle", "verify", folder, "--json")

    assert whole == {
        "bundle": str(made.archive),
        "id": made.manifest.id,
        "name": "course",
        "whole": True,
        "problems": [],
    }
    assert result.code == 1
    data: Any = json.loads(result.out)
    assert data["problems"] == [{"path": _ZIP, "kind": "missing", "detail": "it isn't there"}]
    assert data["whole"] is False


def test_it_shows_the_first_of_many(line: CommandLine, folder: Path) -> None:
    """A thousand lines help nobody; JSON has them."""
    for number in range(70):
        (folder / f"extra{number:02}").touch()
    result = line("bundle", "verify", folder)

    assert result.out.splitlines()[-1] == "... and 20 more: --json has them all."
    assert len(line("bundle", "verify", folder, "--json").json["problems"]) == 70


@pytest.mark.parametrize("word", ["id", "name"])
def test_it_takes_a_bundle_in_use(line: CommandLine, made: Made, word: str) -> None:
    """By its id or name; what was altered in the store is named."""
    stores = BundleStores.from_environment(line.env)
    bundle = use(made.archive, stores, line.env).bundle
    said = bundle.id if word == "id" else "course"
    assert line("bundle", "verify", said).code == 0

    (bundle.folder / "go.sum").write_text("")
    result = line("bundle", "verify", said)
    assert (result.code, result.out) == (1, "go.sum: truncated (0 bytes of 153)\n")


@pytest.mark.parametrize("word", ["none.tar.zst", "0123456789abcdef", "course"])
def test_it_knows_when_there_is_nothing(line: CommandLine, word: str) -> None:
    """Neither file nor bundle: one sentence, exit code 2."""
    result = line("bundle", "verify", word)

    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith(f"Error: There is no bundle '{word}'")
    assert "bundle list" in result.err


def test_it_without_a_word(line: CommandLine) -> None:
    """As all others."""
    result = line("bundle", "verify")
    assert result.code == 2
    assert "jupyter gokernel bundle verify FILE|DIR|ID" in result.err
