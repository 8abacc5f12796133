"""The kernel whose Go a JupyterHub chooses: all commands, on a server of a Hub's and elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix

NO_HUB = "This server was not started by a JupyterHub"


@pytest.fixture
def demo(cli: CommandLine, envs_dir: Path) -> Path:
    """A made-up environment named demo."""
    return prefixes.go_prefix(envs_dir / "demo", "1.26.6")


@pytest.fixture
def kernel(cli: CommandLine) -> CommandLine:
    """A command line where the Hub's kernel is installed; no Hub chose anything yet."""
    assert cli("install", "--hub").code == 0
    return cli


def choose(cli: CommandLine, prefix: Path, id: str = "stable") -> None:
    """Be on a server for which a Hub chose this environment."""
    cli.env |= {"GOKERNEL_HUB_ENVIRONMENT": id, "GOKERNEL_HUB_PREFIX": str(prefix)}


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_install(cli: CommandLine) -> None:
    """One kernelspec without a place, and nothing is built; a second time changes nothing."""
    cli.env["GOKERNEL_STORE"] = str(cli.home / "store")
    first = cli("install", "--hub", "--json")
    assert first.code == 0
    [kernel] = first.json["kernels"]
    assert kernel == {
        "name": "go-server",
        "display_name": "Go (this server)",
        "engine": "gophernotes",
        "environment": "this server",
        "prefix": None,
        "goroot": None,
        "go_version": "",
        "resource_dir": str(cli.kernels / "go-server"),
        "portable": False,
        "status": "installed",
        "findings": [],
    }
    config = {"environment": "this server", "engine": "gophernotes", "from_hub": True}
    content = cli.kernel("go-server")
    assert content["metadata"]["kernel_provisioner"]["config"] == config
    assert json.loads(content["argv"][-1]) == config
    assert not (cli.home / "store").exists()
    before = tree(cli.kernels)
    assert cli("install", "--hub", "--json").json["kernels"][0]["status"] == "unchanged"
    assert tree(cli.kernels) == before


def test_install_with_more(cli: CommandLine) -> None:
    """Engine, settings, place and portability are as for any kernel."""
    words = ("--hub", "--engine", "gonb", "--set", "COLOUR=blue", "--portable")
    assert cli("install", *words, "--prefix", cli.home / "site").code == 0
    file = cli.home / "site" / "share" / "jupyter" / "kernels" / "gonb-server" / "kernel.json"
    content = json.loads(file.read_text())
    assert content["display_name"] == "Go (GoNB, this server)"
    assert "kernel_provisioner" not in content["metadata"]
    assert content["metadata"]["gokernel"]["config"]["settings"] == {"COLOUR": "blue"}


def test_what_comes_next(cli: CommandLine, demo: Path) -> None:
    """Outside of a Hub no `jupyter lab` starts it: the Hub's settings come next; on one it does."""
    said = cli("install", "--hub").out
    assert "jupyter lab" not in said
    assert "c.JupyterHub.spawner_class" in said
    assert "c.GoSpawnerMixin.go_environments" in said
    choose(cli, demo)
    assert 'choose "Go (this server)"' in cli("install", "--hub").out


def test_a_second_one_is_shown_otherwise(kernel: CommandLine) -> None:
    """Two with one shown name could not be told apart; each keeps its own, whichever is written."""
    assert kernel("install", "--hub", "--name", "my-go", "--set", "COLOUR=blue").code == 0
    assert kernel("install", "--hub", "--engine", "gonb", "--name", "my-gonb").code == 0
    for words, shown in (
        (("--name", "my-go", "--set", "COLOUR=blue"), "Go (this server, my-go)"),
        ((), "Go (this server)"),
        (("--engine", "gonb", "--name", "my-gonb"), "Go (GoNB, this server)"),
    ):
        [one] = kernel("install", "--hub", *words, "--json").json["kernels"]
        assert (one["display_name"], one["status"]) == (shown, "unchanged")
    named = kernel("install", "--hub", "--name", "other", "--display-name", "Mine", "--json")
    assert named.json["kernels"][0]["display_name"] == "Mine"


@pytest.mark.parametrize("other", [("--env", "demo"), ("--all",), ("--go", "/usr/local/go")])
def test_install_excludes(cli: CommandLine, other: tuple[str, ...]) -> None:
    """It is nobody's environment, so none can be named; nothing is written."""
    refused = cli("install", "--hub", *other)
    assert refused.code == 2
    assert "exclude each other" in refused.err
    assert not cli.kernels.exists()


def test_replaced_only_when_asked(kernel: CommandLine) -> None:
    """Other settings need --replace, as for any kernel."""
    refused = kernel("install", "--hub", "--set", "COLOUR=blue")
    assert refused.code == 1
    assert "--replace" in refused.err
    assert kernel("install", "--hub", "--set", "COLOUR=blue", "--replace").code == 0


def test_an_environment_named_server(kernel: CommandLine, envs_dir: Path) -> None:
    """Its kernel gets another name: it doesn't take the Hub's, nor the other way round."""
    prefixes.go_prefix(envs_dir / "server")
    choose(kernel, envs_dir / "server")
    assert kernel("install", "--env", "server", "--no-build").code == 0
    assert sorted(path.name for path in kernel.kernels.iterdir()) == ["go-server", "go-server-home"]
    assert kernel("uninstall", "go-server").code == 0
    shutil.rmtree(kernel.kernels / "go-server-home")
    assert kernel("install", "--env", "server", "--no-build").code == 0
    before = tree(kernel.kernels)
    refused = kernel("install", "--hub")
    assert refused.code == 1
    assert "--name" in refused.err
    assert tree(kernel.kernels) == before


def listed(cli: CommandLine) -> tuple[str, str]:
    """The kernel's status and problem."""
    found = cli("list", "--json")
    assert found.code == 0
    [one] = found.json["kernels"]
    assert one["problem"] in cli("list").err
    return one["status"], one["problem"]


def test_list_without_a_hub(kernel: CommandLine) -> None:
    """It is there, and why it can't start here is said."""
    status, problem = listed(kernel)
    assert status == "no-hub"
    assert NO_HUB in problem


def test_list_on_a_hub(kernel: CommandLine, conda_prefix: CondaPrefix, demo: Path) -> None:
    """Its state is that of the environment that the Hub chose for this server."""
    prefix = conda_prefix("go=1.27")
    assert kernel("install", "--env", prefix).code == 0
    assert kernel("uninstall", "go-shared").code == 0
    choose(kernel, prefix)
    [one] = kernel("list", "--json").json["kernels"]
    assert (one["status"], one["prefix"], one["go_version"]) == ("ok", str(prefix), "1.27.3")
    choose(kernel, demo)
    assert listed(kernel)[0] == "engine-missing"
    (demo / "bin" / "go").unlink()
    assert listed(kernel)[0] == "go-gone"
    shutil.rmtree(demo)
    status, problem = listed(kernel)
    assert status == "env-gone"
    assert str(demo) in problem
    choose(kernel, demo, "../../etc")
    assert listed(kernel)[0] == "broken-config"


def test_env(kernel: CommandLine, demo: Path) -> None:
    """The variables are those of the chosen environment; without one there is a sentence."""
    refused = kernel("env", "--kernel", "go-server")
    assert (refused.code, refused.out) == (1, "")
    assert NO_HUB in refused.err
    choose(kernel, demo)
    found = kernel("env", "--kernel", "go-server", "--json")
    assert found.code == 0
    assert found.json["variables"]["GOROOT"]["value"] == str(demo / "go")
    assert found.json["variables"]["CONDA_DEFAULT_ENV"]["value"] == "demo"


def test_engine_build(kernel: CommandLine, conda_prefix: CondaPrefix) -> None:
    """It is built for the Go that the Hub chose, and only there; then it counts as in use."""
    refused = kernel("engine", "build", "--kernel", "go-server")
    assert refused.code == 1
    assert NO_HUB in refused.err
    prefix = conda_prefix("go=1.27")
    choose(kernel, prefix)
    [build] = kernel("engine", "build", "--kernel", "go-server", "--json").json["builds"]
    assert (build["environment"], build["prefix"]) == (prefix.name, str(prefix))
    for name in ("GOKERNEL_HUB_ENVIRONMENT", "GOKERNEL_HUB_PREFIX"):
        del kernel.env[name]
    found = {one["key"]: one for one in kernel("engine", "list", "--json").json["builds"]}
    assert found[build["key"]]["kernels"] == ["go-server"]


def test_sync(kernel: CommandLine, envs_dir: Path, demo: Path) -> None:
    """It is never removed, and on a Hub it is the kernel of the chosen environment."""
    off = kernel("sync", "--prune", "--dry-run", "--json").json
    assert ([one["environment"] for one in off["installed"]], off["removed"]) == (["demo"], [])
    choose(kernel, demo)
    on = kernel("sync", "--prune", "--dry-run", "--json").json
    assert (on["installed"], on["removed"]) == ([], [])
    [found] = kernel("envs", "--json").json["environments"]
    assert found["kernels"] == ["go-server"]
    shutil.rmtree(demo)
    assert kernel("sync", "--prune").code == 0
    assert (kernel.kernels / "go-server" / "kernel.json").exists()


def test_doctor_without_a_hub(kernel: CommandLine) -> None:
    """A kernel that waits for a Hub is no fault; asked for by name, the sentence comes."""
    found = kernel("doctor", "--json")
    assert found.code == 0
    [told] = [one for one in found.json["findings"] if one["kernel"] == "go-server"]
    assert (told["id"], told["status"]) == ("kernelspec.readable", "info")
    assert NO_HUB in told["summary"]
    assert told["environment"] == ""
    named = kernel("doctor", "--kernel", "go-server")
    assert named.code == 1
    assert NO_HUB in named.err


def test_doctor_on_a_hub(kernel: CommandLine, demo: Path) -> None:
    """Its findings are its environment's, and its kernelspec is as `install` would write it."""
    choose(kernel, demo)
    for words in ((), ("--env", "demo"), ("--kernel", "go-server")):
        found = kernel("doctor", *words, "--json").json["findings"]
        mine = {one["id"]: one for one in found if one["kernel"] == "go-server"}
        assert {one["environment"] for one in mine.values()} == {str(demo)}
        assert mine["kernelspec.current"]["status"] == "ok"
        assert "go-server" in mine["engine.built"]["remedy"]["commands"][0]


def test_doctor_starts_it(kernel: CommandLine, conda_prefix: CondaPrefix) -> None:
    """A deep check starts the kernel as it stands in its kernelspec, on the Hub's choice."""
    choose(kernel, conda_prefix("go=1.27"))
    words = ("--kernel", "go-server", "--check", "kernel.answers", "--deep", "--json")
    found = kernel("doctor", *words).json["findings"]
    [told] = [one for one in found if one["id"] == "kernel.answers"]
    assert told["status"] == "ok", told


def test_doctor_of_a_bad_choice(kernel: CommandLine, demo: Path) -> None:
    """What the Hub chose and nobody can use is one error, and no reason to remove the kernel."""
    choose(kernel, demo / "gone")
    found = kernel("doctor", "--json")
    assert found.code == 1
    [told] = [one for one in found.json["findings"] if str(demo / "gone") in one["summary"]]
    assert (told["id"], told["status"], told["fix"]) == ("hub.environment", "error", None)
    choose(kernel, demo)
    (demo / "bin" / "go").unlink()
    assert kernel("doctor", "--fix", "kernelspec.remove", "-y").code in (0, 1)
    assert (kernel.kernels / "go-server" / "kernel.json").exists()


def test_doctor_writes_it_anew(kernel: CommandLine, demo: Path) -> None:
    """Changed by hand it is written anew on any server, and still names no place."""
    file = kernel.kernels / "go-server" / "kernel.json"
    wanted = file.read_text()
    changed = json.loads(wanted) | {"interrupt_mode": "changed"}
    file.write_text(json.dumps(changed))
    choose(kernel, demo)
    found = kernel("doctor", "--json").json["findings"]
    [told] = [one for one in found if one["id"] == "kernelspec.current" and one["kernel"]]
    assert told["remedy"]["commands"] == [
        "jupyter gokernel install --replace --hub --engine gophernotes --name go-server"
    ]
    done = kernel("doctor", "--env", "demo", "--fix", "kernelspec.reinstall", "-y")
    assert done.code == 0
    assert "settings as they are: interrupt_mode changes" in done.out
    assert json.loads(file.read_text()) == json.loads(wanted)


def test_uninstall(kernel: CommandLine) -> None:
    """It goes as any other."""
    assert kernel("uninstall", "go-server").code == 0
    assert not (kernel.kernels / "go-server").exists()
