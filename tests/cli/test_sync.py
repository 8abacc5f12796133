"""`sync`: kernels follow the environments as they come and go."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix


@pytest.fixture
def world(cli: CommandLine, envs_dir: Path) -> Path:
    """One environment with a kernel, one whose kernel is left over, one that isn't ours."""
    prefixes.go_prefix(envs_dir / "kept")
    gone = prefixes.go_prefix(envs_dir / "gone")
    lost = prefixes.go_prefix(envs_dir / "lost-go")
    for name in ("kept", "gone", "lost-go"):
        assert cli("install", "--env", name, "--no-build").code == 0
    shutil.rmtree(gone)
    shutil.rmtree(lost / "go")
    (lost / "bin" / "go").unlink()
    prefixes.write(cli.kernels / "mine" / "kernel.json", '{"argv": ["/gone"]}')
    return envs_dir


def _names(items: list[dict[str, Any]]) -> set[str]:
    return {item["name"] for item in items}


def test_dry_run_only_says(cli: CommandLine, world: Path) -> None:
    """--dry-run says what would be done and does nothing."""
    prefixes.go_prefix(world / "new")
    before = sorted(cli.kernels.rglob("*"))
    answer = cli("sync", "--prune", "--dry-run", "--json").json
    assert answer["dry_run"] is True
    assert [one["environment"] for one in answer["installed"]] == ["new"]
    assert _names(answer["removed"]) == {"go-gone", "go-lost-go"}
    text = cli("sync", "--prune", "--dry-run").out
    assert f"Would install a kernel for new ({world / 'new'})" in text
    assert "Would remove Go (conda env: gone)" in text
    assert sorted(cli.kernels.rglob("*")) == before


def test_prune_removes_what_is_left_over(cli: CommandLine, world: Path) -> None:
    """With --prune the kernels of removed environments go; without it they stay; others' too."""
    assert cli("sync").code == 0
    assert (cli.kernels / "go-gone").is_dir()
    answer = cli("sync", "--prune", "--json")
    assert answer.code == 0
    assert _names(answer.json["removed"]) == {"go-gone", "go-lost-go"}
    assert {path.name for path in cli.kernels.iterdir()} == {"go-kept", "mine"}
    assert "nothing to do" in cli("sync", "--prune").out


def test_installs_for_a_new_environment(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """An environment that came gets its kernel, engine and all; again nothing is done."""
    prefix = conda_prefix("go=1.27", name="fresh")
    cli.env["CONDA_ENVS_DIRS"] = str(prefix.parent)
    answer = cli("sync", "--json")
    assert answer.code == 0
    [kernel] = answer.json["installed"]
    assert (kernel["name"], kernel["status"]) == ("go-fresh", "installed")
    assert cli("list", "--json").json["kernels"][0]["status"] == "ok"
    assert cli("sync", "--json").json["installed"] == []


def test_one_that_fails_is_told(cli: CommandLine, envs_dir: Path, tmp_path: Path) -> None:
    """An environment whose kernel can't be installed ends with 1; a broken Go is only told."""
    cli.env["GOKERNEL_STORE"] = str(tmp_path / "store")
    for name in ("one", "two", "broken"):
        prefixes.go_prefix(envs_dir / name)
    shutil.rmtree(envs_dir / "broken" / "go")
    answer = cli("sync", "--json")
    assert answer.code == 1
    assert {one["environment"] for one in answer.json["failed"]} == {"one", "two"}
    assert [one["environment"] for one in answer.json["broken"]] == ["broken"]
    assert "which does not exist" in answer.json["broken"][0]["problem"]
