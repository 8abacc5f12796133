"""Which folder `check`, `lock`, `snapshot` and others are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from go_kernel.cli import project_folder
from go_kernel.project.snapshot import model
from tests.cli.conftest import CommandLine
from tests.prefixes import write

GO_MOD = "module example.org/demo\n\ngo 1.22\n"
ABOUT_A_FOLDER = (
    "scan",
    "check",
    "doctor --project",
    "lock status",
    "lock sync",
    "lock verify",
    "snapshot create",
    "snapshot verify",
    "apply",
)


@pytest.fixture
def project(cli: CommandLine) -> Path:
    """A module with a package further down."""
    folder = cli.cwd / "demo"
    write(folder / "go.mod", GO_MOD)
    write(folder / "cmd" / "x" / "main.go", "package main\n\nfunc main() {}\n")
    return folder


@pytest.mark.parametrize("words", ABOUT_A_FOLDER)
def test_what_is_not_there_is_a_usage_error(cli: CommandLine, words: str) -> None:
    """A name that is nothing ends with 2 and one sentence, in every command."""
    for said in ("nowhere", "no\0where", ""):
        result = cli(*words.split(), said)
        assert (result.code, result.out) == (2, "")
        assert "Error: " in result.err.splitlines()[-1]
        assert "Traceback" not in result.err


@pytest.mark.parametrize("words", ABOUT_A_FOLDER[:-1])
def test_a_file_is_no_folder(cli: CommandLine, words: str) -> None:
    """It is named as what it isn't."""
    write(cli.cwd / "go.mod", GO_MOD)
    result = cli(*words.split(), "go.mod")
    assert (result.code, result.out) == (2, "")
    assert "'go.mod' is no folder. Name the folder of a project." in result.err


def test_apply_takes_no_folder(cli: CommandLine) -> None:
    """Nor a file that isn't there."""
    for said in (".", "nowhere"):
        result = cli("apply", said)
        assert (result.code, f"{said!r} is no file." in result.err) == (2, True)


def test_a_folder_of_a_project(cli: CommandLine, project: Path) -> None:
    """What is asked for a folder is asked for the project that it belongs to, and that is said."""
    write(project / "gokernel-lock.yml", "rules: [")
    below = project / "cmd" / "x"
    said = f"The project is {project}, whose go.mod is in force in {below}."
    result = cli("check", below)
    assert (result.code, said in result.err) == (101, True)
    assert "gokernel-lock.yml" in result.out
    assert said in cli("lock", "status", below).err


def test_a_snapshot_from_below(cli: CommandLine, project: Path) -> None:
    """It is the project's, and `--build` counts from the folder that was named."""
    result = cli("snapshot", "create", project / "cmd", "--build", "./x", "--json")
    assert result.code == 0, result.err
    assert result.json["file"] == str(project / model.NAME)
    assert [one["package"] for one in result.json["snapshot"]["builds"]] == ["./cmd/x"]


def test_what_is_a_project_itself(tmp_path: Path, project: Path) -> None:
    """A folder with one of a project's own files, or above which there is none."""
    assert project_folder.around(project, {}) is None
    assert project_folder.around(project / "cmd", {}) == project
    write(project / "cmd" / "environment.yml", "dependencies: []\n")
    assert project_folder.around(project / "cmd", {}) is None
    (tmp_path / "else").mkdir()
    assert project_folder.around(tmp_path / "else", {}) is None


def test_the_folder_for_temporary_files_is_no_project(tmp_path: Path) -> None:
    """As for Go, whoever put a go.mod there."""
    write(tmp_path / "go.mod", GO_MOD)
    (tmp_path / "below").mkdir()
    assert project_folder.around(tmp_path / "below", {}) == tmp_path
    assert project_folder.around(tmp_path / "below", {"TMPDIR": str(tmp_path)}) is None


def test_two_folders(cli: CommandLine, project: Path) -> None:
    """A second one is not taken for an environment."""
    result = cli("check", project, "demo")
    assert (result.code, "Name one folder at a time." in result.err) == (2, True)
