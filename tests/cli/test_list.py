"""`list`: the installed kernels and their states."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix


@pytest.fixture
def demo(cli: CommandLine, envs_dir: Path) -> Path:
    """A made-up environment named demo, and its kernel without an engine."""
    prefix = prefixes.go_prefix(envs_dir / "demo", "1.26.6")
    assert cli("install", "--env", "demo", "--no-build").code == 0
    return prefix


def test_json_of_a_real_kernel(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """A kernel whose environment, Go and engine are there is ok; the shape is stable."""
    prefix = conda_prefix("go=1.27")
    assert cli("install", "--env", prefix).code == 0
    assert cli("list", "--json").json == {
        "kernels": [
            {
                "name": "go-shared",
                "display_name": "Go (conda env: shared)",
                "engine": "gophernotes",
                "prefix": str(prefix),
                "goroot": None,
                "go_version": "1.27.3",
                "resource_dir": str(cli.kernels / "go-shared"),
                "offline": False,
                "status": "ok",
                "problem": "",
            }
        ]
    }
    assert "ok" in cli("list").out


def _state(cli: CommandLine) -> tuple[str, str]:
    [kernel] = cli("list", "--json").json["kernels"]
    assert kernel["problem"] in cli("list").err
    return kernel["status"], kernel["problem"]


def test_engine_missing(cli: CommandLine, demo: Path) -> None:
    """Without a built engine the state says so, and the command that builds it."""
    state, problem = _state(cli)
    assert state == "engine-missing"
    assert "has not been built for this Go 1.26.6 yet; the next launch builds it" in problem
    assert "`jupyter gokernel engine build --kernel go-demo`" in problem


def test_engine_of_another_kind(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """An engine that this Go has built with a C compiler doesn't serve one without: it says so."""
    prefix = conda_prefix("go=1.27")
    assert cli("install", "--env", prefix).code == 0
    words = ["install", "--env", prefix, "--no-build", "--name", "go-other"]
    assert cli(*words, "--set", "CGO_ENABLED=0").code == 0
    store = cli.home / "store"
    for build in cli("engine", "list", "--json").json["builds"]:
        if build["cgo"]:
            shutil.copytree(Path(cli.env["GOKERNEL_STORE"], build["key"]), store / build["key"])
    cli.env["GOKERNEL_STORE"] = str(store)
    found = {one["name"]: one for one in cli("list", "--json").json["kernels"]}
    assert found["go-shared"]["status"] == "ok"
    assert found["go-other"]["status"] == "engine-missing"
    assert "for this Go 1.27.3 without a C compiler yet;" in found["go-other"]["problem"]


def test_engine_that_was_changed(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """It is told from one that was never built."""
    assert cli("install", "--env", conda_prefix("go=1.27")).code == 0
    store = cli.home / "store"
    for build in cli("engine", "list", "--json").json["builds"]:
        if build["kernels"]:
            folder = shutil.copytree(
                Path(cli.env["GOKERNEL_STORE"], build["key"]), store / build["key"]
            )
            with (folder / "bin" / "gophernotes").open("ab") as program:
                program.write(b"# hello")
    cli.env["GOKERNEL_STORE"] = str(store)
    [kernel] = cli("list", "--json").json["kernels"]
    assert kernel["status"] == "engine-missing"
    assert "was changed or removed since" in kernel["problem"]


def test_one_sentence_for_kernels_with_one_problem(cli: CommandLine, demo: Path) -> None:
    """What is true of several kernels is said once, with all their names."""
    words = ["install", "--env", "demo", "--no-build", "--name"]
    assert cli(*words, "go-b", "--display-name", "B").code == 0
    assert cli(*words, "go-c", "--display-name", "C").code == 0
    [line] = cli("list").err.splitlines()
    assert line.startswith("engine-missing: go-b, go-c, go-demo: gophernotes has not been built")
    assert "--kernel NAME`" in line


def test_env_gone(cli: CommandLine, demo: Path) -> None:
    """A removed environment is named."""
    shutil.rmtree(demo)
    assert _state(cli) == ("env-gone", f"{demo} does not exist any more.")


def test_go_gone(cli: CommandLine, demo: Path) -> None:
    """An environment that lost its Go is told apart from one that is gone."""
    (demo / "bin" / "go").unlink()
    state, problem = _state(cli)
    assert state == "go-gone"
    assert f"there is no {demo}/bin/go" in problem


def test_replaced_go_is_gone(cli: CommandLine, tmp_path: Path) -> None:
    """Outside of conda, a `go` that was replaced since the installation is not the one."""
    goroot = prefixes.goroot(tmp_path / "sdk")
    assert cli("install", "--go", goroot, "--no-build").code == 0
    assert cli.kernel("go-1.26.6")["metadata"]["gokernel"]["config"]["go_sha256"]
    assert _state(cli)[0] == "engine-missing"
    prefixes.rewrite(goroot / "bin" / "go", b"\x7fELF another one")
    state, problem = _state(cli)
    assert state == "go-gone"
    assert "SHA-256" in problem


@pytest.mark.parametrize(
    "broken",
    [
        {"prefix": "/x"},
        {"environment": "x", "prefix": "relative"},
        {"environment": "x", "prefix": "/x", "unknown": 1},
        {"environment": "x", "prefix": "/x", "settings": {"GOROOT": "/y"}},
        None,
        7,
    ],
    ids=str,
)
def test_broken_config(cli: CommandLine, demo: Path, broken: object) -> None:
    """A kernel.json that somebody broke is listed as such."""
    content = cli.kernel("go-demo")
    content["metadata"]["gokernel"]["config"] = broken
    (cli.kernels / "go-demo" / "kernel.json").write_text(json.dumps(content))
    assert _state(cli)[0] == "broken-config"


@pytest.mark.parametrize("text", ["", '{"broken'])
def test_cut_off(cli: CommandLine, demo: Path, text: str) -> None:
    """One that is no JSON any more is listed, and installed over."""
    (cli.kernels / "go-demo" / "kernel.json").write_text(text)
    assert _state(cli)[0] == "broken-config"
    assert cli("install", "--env", demo, "--no-build").code == 0
    assert _state(cli)[0] == "engine-missing"


def test_only_ours_from_all_folders(cli: CommandLine, demo: Path, tmp_path: Path) -> None:
    """Kernels of others and unreadable ones are passed over; every Jupyter folder is searched."""
    other = cli.kernels / "python3"
    prefixes.write(other / "kernel.json", '{"argv": [], "display_name": "P", "language": "python"}')
    prefixes.write(cli.kernels / "junk" / "kernel.json", "{")
    (cli.kernels / "empty").mkdir()
    shared = tmp_path / "shared"
    cli.env["JUPYTER_PATH"] = str(shared)
    shutil.copytree(cli.kernels / "go-demo", shared / "kernels" / "go-site")
    found = {k["name"]: k["resource_dir"] for k in cli("list", "--json").json["kernels"]}
    assert found == {
        "go-demo": str(cli.kernels / "go-demo"),
        "go-site": str(shared / "kernels" / "go-site"),
    }


def test_scripts_that_were_not_run_yet(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """Where the scripts' outcome isn't known, an engine built by the same `go` counts."""
    prefix = conda_prefix("go=1.27", name="scripted")
    prefixes.script(prefix, "new.sh", "export CGO_ENABLED=0\n")
    assert cli("install", "--env", prefix).code == 0
    shutil.rmtree(cli.home / ".cache")
    # Nothing but what the script sets makes this engine the right one.
    stores = Path(cli.env["GOKERNEL_STORE"])
    own = cli.home / "store"
    own.mkdir()
    for build in cli("engine", "list", "--json").json["builds"]:
        if build["kernels"] and not build["cgo"]:
            shutil.copytree(stores / build["key"], own / build["key"])
    cli.env["GOKERNEL_STORE"] = str(own)
    [kernel] = cli("list", "--json").json["kernels"]
    assert kernel["status"] == "ok"
    shutil.rmtree(own)
    [kernel] = cli("list", "--json").json["kernels"]
    assert kernel["status"] == "engine-missing"
