"""`--engine gonb`: every command knows the second engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine


def test_both_engines_side_by_side(cli: CommandLine, envs_dir: Path) -> None:
    """One environment, a kernel of each engine, each with a name of its own."""
    prefixes.go_prefix(envs_dir / "demo", "1.26.6")
    for engine in ("gophernotes", "gonb"):
        assert cli("install", "--engine", engine, "--env", "demo", "--no-build").code == 0

    listed = {one["name"]: one for one in cli("list", "--json").json["kernels"]}

    assert {name: one["engine"] for name, one in listed.items()} == {
        "go-demo": "gophernotes",
        "gonb-demo": "gonb",
    }
    assert listed["gonb-demo"]["display_name"] == "Go (GoNB, conda env: demo)"
    assert cli.kernel("gonb-demo")["interrupt_mode"] == "message"
    assert cli.kernel("go-demo")["interrupt_mode"] == "signal"

    assert cli("uninstall", "gonb-demo").code == 0
    assert [one["name"] for one in cli("list", "--json").json["kernels"]] == ["go-demo"]


def test_install_builds_and_list_knows(cli: CommandLine, goroot: Callable[[str], Path]) -> None:
    """The engine is built by this Go, is listed with its kernel, and prune spares it."""
    place = goroot("1.26")
    done = cli("install", "--engine", "gonb", "--go", place, "--json")
    assert done.code == 0, done.err
    [kernel] = done.json["kernels"]
    assert kernel["engine"] == "gonb"

    [listed] = cli("list", "--json").json["kernels"]
    assert (listed["engine"], listed["status"]) == ("gonb", "ok")
    builds = cli("engine", "list", "--json").json["builds"]
    users = [one["kernels"] for one in builds if one["engine"] == "gonb" and one["kernels"]]
    assert [kernel["name"]] in users
    removed = cli("engine", "prune", "--dry-run", "--json").json["removed"]
    assert not [one for one in removed if one["key"] in _keys(builds, kernel["name"])]
    built = cli("engine", "build", "--kernel", kernel["name"], "--json").json["builds"]
    assert [one["key"] for one in built] == [*_keys(builds, kernel["name"])]


def _keys(builds: list[dict[str, object]], kernel: str) -> set[object]:
    return {one["key"] for one in builds if one["kernels"] == [kernel]}


@pytest.mark.parametrize("flags", [(), ("--no-build",)])
@pytest.mark.parametrize("version", ["1.22.10", "1.24.3"])
def test_an_older_go_is_refused(
    cli: CommandLine, envs_dir: Path, version: str, flags: tuple[str, ...]
) -> None:
    """One sentence, and nothing is installed."""
    prefixes.go_prefix(envs_dir / "demo", version)

    done = cli("install", "--engine", "gonb", "--env", "demo", *flags)

    assert done.code == 1
    assert f"GoNB needs Go 1.24.4 or newer, and this is Go {version}." in done.err
    assert "--engine gophernotes" in done.err
    assert not cli.kernels.exists() or not [*cli.kernels.iterdir()]


def test_a_go_that_became_too_old_is_told(cli: CommandLine, envs_dir: Path) -> None:
    """`list` doesn't promise a build that can't be."""
    prefix = prefixes.go_prefix(envs_dir / "demo", "1.26.6")
    assert cli("install", "--engine", "gonb", "--env", "demo", "--no-build").code == 0
    (prefix / "go/VERSION").write_text("go1.24.3\n")

    [kernel] = cli("list", "--json").json["kernels"]

    assert kernel["status"] == "engine-missing"
    assert "GoNB needs Go 1.24.4 or newer, and this is Go 1.24.3." in kernel["problem"]


def test_an_unknown_engine_is_named(cli: CommandLine, envs_dir: Path) -> None:
    """With those there are."""
    prefixes.go_prefix(envs_dir / "demo", "1.26.6")

    done = cli("install", "--engine", "gnb", "--env", "demo")

    assert done.code == 2
    assert "'gnb'" in done.err
    assert "gophernotes, gonb" in done.err
