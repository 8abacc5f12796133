"""`scan` on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix
from tests.prefixes import program
from tests.project.scan_cases import module, tree, write

_MISSING = ("require example.org/b v1.0.0", "replace example.org/b => ../b")


def test_this_folder_without_projects(cli: CommandLine) -> None:
    """Nothing there is said, and is no failure."""
    result = cli("scan")
    assert result.code == 0
    assert result.out == ""
    assert "No Go project was found." in result.err


def test_named_folders(cli: CommandLine, tmp_path: Path) -> None:
    """Only folders that are named are looked through; an error among the risks exits with 1."""
    write(tree(a=module("example.org/a", *_MISSING)), tmp_path / "bad")
    write(tree(a=module("example.org/a")), tmp_path / "good")
    good = cli("scan", tmp_path / "good")
    assert (good.code, good.out) == (0, "")
    assert "1 go.mod and go.work file: nothing to say." in good.err
    bad = cli("scan", "--json", tmp_path / "bad", tmp_path / "good")
    assert bad.code == 1
    assert [one["id"] for one in bad.json["risks"]] == ["replace.missing", "module.duplicate"]
    assert bad.json["status"] == "error"


def test_no_folder(cli: CommandLine) -> None:
    """What is no folder, also an empty variable of a script, is a mistake of usage."""
    (cli.cwd / "file").touch()
    for word in ("nowhere", "file", ""):
        result = cli("scan", word)
        assert result.code == 2
        assert f"{word!r} is no folder." in result.err


def test_names_of_folders_from_anybody(cli: CommandLine) -> None:
    """A folder's name moves no cursor, and one that is no UTF-8 is no failure."""
    write(module("example.org/a", *_MISSING), cli.cwd / "\x1b[31mred\n")
    write(module("example.org/b", *_MISSING), cli.cwd / "caf\udce9")
    for options in ((), ("--explain",), ("--json",)):
        result = cli("scan", *options)
        assert result.code == 1, result.err
        assert "\x1b" not in result.out + result.err
        assert "Traceback" not in result.err


def test_a_go_that_was_replaced(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """It is not run, as `check` and `doctor` don't run it."""
    prefix = conda_prefix("go=1.26", name="replaced")
    # Put in its place: the file itself is one with the package cache's.
    program(prefix / "evil", "#!/bin/sh\ntouch ran\n").rename(prefix / "go" / "bin" / "go")
    write(module("example.org/a"), cli.cwd / "a")
    result = cli("scan", "--env", prefix)
    assert (result.code, result.out) == (1, "")
    assert "is not the file that was installed" in result.err
    assert not (cli.cwd / "ran").exists()
