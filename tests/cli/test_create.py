"""`create`: a conda environment with Go, and its kernel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine


@pytest.fixture
def channel_words(cli: CommandLine, channel: Path, dev_cache: Path) -> list[str]:
    """The options that take packages from the channel on this machine."""
    cli.env["RATTLER_CACHE_DIR"] = str(dev_cache / "rattler")
    return ["-c", str(channel)]


def test_environment_and_kernel(cli: CommandLine, channel_words: list[str]) -> None:
    """A name becomes an environment where conda would make it, with its kernel, ready to use."""
    result = cli("create", "demo", "--go", "1.27", *channel_words, "--json")
    assert result.code == 0, result.err
    prefix = cli.home / ".conda" / "envs" / "demo"
    environment = result.json["environment"]
    assert (environment["name"], environment["prefix"]) == ("demo", str(prefix))
    assert any("::go-1.27.3-" in package for package in environment["packages"])
    assert [kernel["name"] for kernel in result.json["kernels"]] == ["go-demo"]
    assert cli("list", "--json").json["kernels"][0]["status"] == "ok"
    assert cli("envs", "--json").json["environments"][0]["kernels"] == ["go-demo"]
    history = (prefix / "conda-meta" / "history").read_text()
    assert "# cmd: jupyter gokernel create demo --go 1.27" in history
    again = cli("create", "demo", *channel_words)
    assert again.code == 1
    assert f"{prefix} exists already. `jupyter gokernel install --env {prefix}`" in again.err


def test_prefix_and_constraint(cli: CommandLine, channel_words: list[str]) -> None:
    """--prefix names the place, --go takes conda's constraints."""
    words = ["--prefix", "env with space", "--go", ">=1.26,<1.27", *channel_words]
    result = cli("create", *words)
    assert result.code == 0, result.err
    prefix = cli.cwd / "env with space"
    assert f"Made the conda environment env with space in {prefix}" in result.out
    assert [path.name for path in (prefix / "conda-meta").glob("go-1.26*")]


@pytest.mark.parametrize(
    "name", ["a/b", "..", ".", "../x", "a b", "a:b", "base", "root", ".hidden", "a\nb", "#x", "a'b"]
)
def test_names_that_cannot_be(cli: CommandLine, name: str) -> None:
    """A name that conda would refuse, or that leads elsewhere, is a usage error."""
    result = cli("create", name)
    assert result.code == 2
    assert "can't be the name of a conda environment" in result.err
    assert not (cli.home / ".conda").exists()


@pytest.mark.parametrize("version", ["../x", "1.26 foo", "latest", "=", "1.26;x", "-1"])
def test_versions_that_cannot_be(cli: CommandLine, version: str) -> None:
    """What is no version is a usage error, before anything is looked for."""
    result = cli("create", "demo", f"--go={version}")
    assert result.code == 2
    assert "is no version of Go" in result.err


def test_failure_leaves_nothing(cli: CommandLine, channel_words: list[str]) -> None:
    """A version that no channel has is one sentence, and no half environment stays."""
    result = cli("create", "demo", "--go", "1.2", *channel_words)
    assert (result.code, result.out) == (1, "")
    assert "No environment with go=1.2 can be made from" in result.err
    assert "a version that is there (1.27.3, " in result.err
    assert not (cli.home / ".conda" / "envs" / "demo").exists()
    assert not cli.kernels.exists()


def test_folder_for_new_environments(
    cli: CommandLine, channel_words: list[str], tmp_path: Path
) -> None:
    """The first folder that conda is told to keep environments in, by variable or .condarc."""
    (cli.home / ".condarc").write_text(json.dumps({"envs_dirs": [str(tmp_path / "rc")]}))
    assert cli("create", "one", "--go", "1.27", *channel_words).code == 0
    assert (tmp_path / "rc" / "one" / "bin" / "go").exists()
    cli.env["CONDA_ENVS_DIRS"] = str(tmp_path / "variable")
    assert cli("create", "two", "--go", "1.27", *channel_words).code == 0
    assert (tmp_path / "variable" / "two" / "bin" / "go").exists()


@pytest.mark.parametrize("spelling", ["{}", "file://{}"])
def test_channel_folder_that_is_not_there(cli: CommandLine, tmp_path: Path, spelling: str) -> None:
    """A mistyped folder is named as such, before anything is made."""
    folder = tmp_path / "no channel"
    result = cli("create", "demo", "-c", spelling.format(folder))
    assert result.code == 1
    assert result.err.startswith(f"Error: The channel folder {folder} does not exist.")
    assert not (cli.home / ".conda").exists()


def test_name_and_prefix(cli: CommandLine) -> None:
    """Both at once can't be meant."""
    result = cli("create", "demo", "--prefix", "env")
    assert result.code == 2
    assert "Give either a NAME or a --prefix, not both." in result.err


def test_namesake_is_said(cli: CommandLine, channel_words: list[str], tmp_path: Path) -> None:
    """An environment of that name elsewhere: it is made, with a word that paths are needed now."""
    first = prefixes.go_prefix(tmp_path / "elsewhere" / "twin")
    cli.env["CONDA_ENVS_DIRS"] = f"{tmp_path / 'new'}:{first.parent}"
    result = cli("create", "twin", "--go", "1.27", *channel_words)
    assert result.code == 0, result.err
    assert f"warn: twin is now the name of {first}, too: give --env the path." in result.err
    assert cli("env", "--env", "twin").code == 2
