"""`uninstall`: removes kernels of ours, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine


@pytest.fixture
def demo(cli: CommandLine, envs_dir: Path) -> Path:
    """A made-up environment named demo, and its kernel."""
    prefix = prefixes.go_prefix(envs_dir / "demo")
    assert cli("install", "--env", "demo", "--no-build").code == 0
    return prefix


def test_removes_and_says_so(cli: CommandLine, demo: Path) -> None:
    """The kernelspec's folder is gone, with nothing left beside it."""
    folder = cli.kernels / "go-demo"
    result = cli("uninstall", "GO-DEMO")
    assert (result.code, result.out) == (0, f"Removed go-demo ({folder})\n")
    assert [*cli.kernels.iterdir()] == []
    assert [*cli.kernels.parent.iterdir()] == [cli.kernels]


def test_unknown_name(cli: CommandLine, demo: Path) -> None:
    """An unknown name is one sentence and 1; the others are removed all the same."""
    result = cli("uninstall", "go-nope", "go-demo", "--json")
    assert result.code == 1
    assert "There is no Go kernel named 'go-nope'." in result.err
    assert [one["name"] for one in result.json["removed"]] == ["go-demo"]


@pytest.mark.parametrize("name", ["../kernels/go-demo", "..", ".", "", "/", "go-demo/"])
def test_names_are_no_paths(cli: CommandLine, demo: Path, name: str) -> None:
    """Nothing but a name selects."""
    assert cli("uninstall", name).code == 1
    assert (cli.kernels / "go-demo" / "kernel.json").exists()


def test_somebody_elses_is_left_alone(cli: CommandLine) -> None:
    """A kernelspec of another's making is refused, and stays."""
    file = prefixes.write(cli.kernels / "go-mine" / "kernel.json", '{"argv": ["gophernotes"]}')
    result = cli("uninstall", "go-mine")
    assert result.code == 1
    assert "was not made by jupyter-gokernel, so it is left alone." in result.err
    assert "jupyter kernelspec remove go-mine" in result.err
    assert file.exists()


def test_all_folders_that_have_it(cli: CommandLine, demo: Path, tmp_path: Path) -> None:
    """The name is gone from Jupyter afterwards, wherever it was installed."""
    shared = tmp_path / "shared"
    cli.env["JUPYTER_PATH"] = str(shared)
    shutil.copytree(cli.kernels / "go-demo", shared / "kernels" / "go-demo")
    assert cli("uninstall", "go-demo").code == 0
    assert cli("list", "--json").json == {"kernels": []}


def test_link_to_a_spec(cli: CommandLine, demo: Path, tmp_path: Path) -> None:
    """A linked spec's link is removed, not what it leads to."""
    real = tmp_path / "real"
    (cli.kernels / "go-demo").rename(real)
    (cli.kernels / "go-demo").symlink_to(real)
    assert cli("uninstall", "go-demo").code == 0
    assert not (cli.kernels / "go-demo").is_symlink()
    assert (real / "kernel.json").exists()


def test_only_from_the_named_folder(cli: CommandLine, demo: Path) -> None:
    """With --user or --prefix the kernel of that name elsewhere stays."""
    place = cli.cwd / "place"
    cli.env["JUPYTER_PATH"] = str(place / "share" / "jupyter")
    there = place / "share" / "jupyter" / "kernels" / "go-demo"
    shutil.copytree(cli.kernels / "go-demo", there)
    assert cli("uninstall", "go-demo", "--user").code == 0
    assert there.exists()
    assert not (cli.kernels / "go-demo").exists()
    assert cli("uninstall", "go-demo", "--user").code == 1
    assert cli("uninstall", "go-demo", "--prefix", "place").code == 0
    assert not there.exists()
    assert "exclude each other" in cli("uninstall", "go-demo", "--user", "--prefix", "x").err
