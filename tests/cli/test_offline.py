"""`--offline`, and what commands say and do of bundles."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.offline.shelves import Shelf

MIRROR = "https://mirror.invalid"


@pytest.fixture
def demo(cli: CommandLine, envs_dir: Path) -> Path:
    """A made-up environment named demo, whose Go has a proxy by default."""
    prefix = prefixes.go_prefix(envs_dir / "demo", "1.26.6")
    prefixes.write(prefix / "go/go.env", f"GOPROXY={MIRROR},direct\nGOSUMDB=sums.invalid\n")
    for name in ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY"):
        cli.env.pop(name, None)
    return prefix


@pytest.fixture
def shelf(cli: CommandLine, tmp_path: Path) -> Shelf:
    """The user's store of bundles, which is empty."""
    shelf = Shelf(tmp_path / "bundles")
    cli.env |= shelf.env
    return shelf


def say_in_configuration(cli: CommandLine, line: str) -> None:
    """Have a line in the user's configuration of Jupyter."""
    file = "jupyter_gokernel_config.py"
    prefixes.write(Path(cli.env["JUPYTER_CONFIG_DIR"], file), f"c = get_config()\n{line}\n")


def explained(cli: CommandLine, *words: str) -> dict[str, dict[str, object]]:
    """The variables with their origins."""
    variables: dict[str, dict[str, object]] = cli("env", "--json", *words).json["variables"]
    return variables


@pytest.mark.parametrize("portable", [False, True])
def test_a_kernelspec_says_it_and_env_shows_it(
    cli: CommandLine, demo: Path, shelf: Shelf, portable: bool
) -> None:
    """It is in what the provisioner reads and in what `launch` is told; nobody else's changes."""
    folder = shelf.put("course")
    (folder / "proxy").mkdir()
    more = ["--portable"] if portable else []
    assert cli("install", "--env", "demo", "--no-build", "--offline", *more).code == 0

    spec = cli.kernel("go-demo")
    own = spec["metadata"]["gokernel"]["config"]
    assert own["offline"] is True
    assert json.loads(spec["argv"][-1]) == own
    assert ("kernel_provisioner" in spec["metadata"]) is not portable

    shown = explained(cli, "--kernel", "go-demo")
    assert shown["GOPROXY"]["value"] == f"file://{folder}/proxy"
    assert shown["GOPROXY"]["origin"] == "toolchain: offline: bundle course"
    assert shown["GOSUMDB"]["value"] == "off"
    assert shown["GOSUMDB"]["origin"] == "toolchain: offline"
    online = explained(cli, "--env", "demo")
    assert online["GOPROXY"]["value"] == f"file://{folder}/proxy,{MIRROR},direct"
    assert online["GOSUMDB"]["value"] == "sums.invalid"


def test_list_says_which_fetch_nothing(cli: CommandLine, demo: Path) -> None:
    """Two kernels of one Go are told apart."""
    cli("install", "--env", "demo", "--no-build", "--name", "go-net")
    cli("install", "--env", "demo", "--no-build", "--name", "go-off", "--offline")

    found = {one["name"]: one["offline"] for one in cli("list", "--json").json["kernels"]}
    lines = {line.split()[0]: line for line in cli("list").out.splitlines() if line.strip()}

    assert found == {"go-net": False, "go-off": True}
    assert ["(offline)" in lines[name] for name in ("go-net", "go-off")] == [False, True]


def test_without_it_nothing_says_so(cli: CommandLine, demo: Path) -> None:
    """A kernelspec has no word of it."""
    cli("install", "--env", "demo", "--no-build")

    assert "offline" not in json.dumps(cli.kernel("go-demo"))
    assert "offline" not in cli("env", "--kernel", "go-demo", "--explain").out


def test_explained_has_a_part_of_its_own(cli: CommandLine, demo: Path, shelf: Shelf) -> None:
    """What was there before is shown beneath, without its password."""
    folder = shelf.put("course")
    (folder / "proxy").mkdir()
    cli.env["GOPROXY"] = "https://me:secret@mine.invalid"
    cli("install", "--env", "demo", "--no-build", "--offline")

    out = cli("env", "--kernel", "go-demo", "--explain").out

    part = out.split("From bundles, and from being offline")[1].split("\n\n")[0]
    assert f"GOPROXY  file://{folder}/proxy  (offline: bundle course)" in part
    assert "was https://***@mine.invalid  (parent process)" in part
    assert "GOVCS  *:off  (offline)" in part
    assert "GOTOOLCHAIN" not in part
    assert "secret" not in out


def test_other_settings_need_replace(cli: CommandLine, demo: Path) -> None:
    """One that may fetch isn't made one that may not without being asked."""
    cli("install", "--env", "demo", "--no-build")
    refused = cli("install", "--env", "demo", "--no-build", "--offline")
    assert refused.code == 1
    assert "--replace" in refused.err
    assert cli("install", "--env", "demo", "--no-build", "--offline", "--replace").code == 0
    assert cli("install", "--env", "demo", "--no-build", "--offline").code == 0


def test_the_hubs_kernel_and_those_of_sync(cli: CommandLine, demo: Path) -> None:
    """Both can be offline."""
    assert cli("install", "--hub", "--offline").code == 0
    config = cli.kernel("go-server")["metadata"]["kernel_provisioner"]["config"]
    assert (config["from_hub"], config["offline"]) == (True, True)
    said = cli("sync", "--offline", "--dry-run", "--json")
    assert [one["environment"] for one in said.json["installed"]] == ["demo"]


def test_sync_installs_offline_kernels(
    cli: CommandLine, conda_prefix: Callable[..., Path], envs_dir: Path
) -> None:
    """As `install --offline` would."""
    (envs_dir / "real").symlink_to(conda_prefix("go=1.27"))
    # Its engine is in the store that tests share, or is built of the module cache.
    cli("install", "--env", "real", "--name", "go-first")
    cli("uninstall", "go-first")

    assert cli("sync", "--offline").code == 0

    [name] = [path.name for path in cli.kernels.iterdir()]
    assert cli.kernel(name)["metadata"]["gokernel"]["config"]["offline"] is True


def test_create_has_none(cli: CommandLine) -> None:
    """It says why, and what does it instead; nothing is made."""
    result = cli("create", "demo", "--offline")

    assert result.code == 2
    assert "create has no --offline: it downloads the environment's packages." in result.err
    assert "install --env NAME --offline" in result.err
    assert not (cli.home / ".conda" / "envs" / "demo").exists()


def test_the_configuration_says_it_for_all(cli: CommandLine, demo: Path) -> None:
    """Whatever a kernelspec says, and without writing it there."""
    say_in_configuration(cli, "c.GoKernelProvisioner.offline = True")
    cli("install", "--env", "demo", "--no-build")

    assert "offline" not in cli.kernel("go-demo")["metadata"]["gokernel"]["config"]
    for words in (["--kernel", "go-demo"], ["--env", "demo"]):
        assert explained(cli, *words)["GOPROXY"]["value"] == "off"


def test_the_configuration_is_not_told_of_kernels_that_never_see_it(
    cli: CommandLine, demo: Path
) -> None:
    """A portable kernel has no provisioner; what the process says holds for it, too."""
    say_in_configuration(cli, "c.GoKernelProvisioner.offline = True")
    cli("install", "--env", "demo", "--no-build", "--portable")
    shown = explained(cli, "--kernel", "go-demo")
    assert MIRROR in str(shown["GOPROXY"]["value"])

    cli.env["GOKERNEL_OFFLINE"] = "1"
    shown = explained(cli, "--kernel", "go-demo")
    assert shown["GOPROXY"]["value"] == "off"
    assert "GOKERNEL_OFFLINE" in str(shown["GOPROXY"]["origin"])


@pytest.mark.parametrize("how", ["install", "engine", "configuration", "kernel"])
def test_an_engine_that_cannot_be_had(
    how: str, cli: CommandLine, goroot: Callable[[str], Path], tmp_path: Path
) -> None:
    """One sentence, with the command for the machine that has a network; nothing is written."""
    cli.env |= {"GOMODCACHE": str(tmp_path / "mod"), "GOKERNEL_STORE": str(tmp_path / "store")}
    go = ["--go", str(goroot("1.26"))]
    words = {
        "install": ["install", *go, "--offline"],
        "engine": ["engine", "build", *go, "--offline"],
        "configuration": ["install", *go],
        "kernel": ["engine", "build", "--kernel", "go-mine"],
    }[how]
    if how == "configuration":
        say_in_configuration(cli, "c.GoKernelProvisioner.offline = True")
    if how == "kernel":
        cli("install", *go, "--name", "go-mine", "--no-build", "--offline")

    result = cli(*words)

    assert result.code == 1
    assert "this kernel fetches nothing (offline)" in result.err
    assert "jupyter gokernel bundle create --engine gophernotes -o FILE" in result.err
    assert how == "kernel" or not cli.kernels.exists()
    assert "Traceback" not in result.err


def test_the_go_of_a_bundle_is_the_default(
    cli: CommandLine,
    shelf: Shelf,
    goroot: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no other offers itself; its path can be named, too."""
    monkeypatch.setattr("go_kernel.choose.embedded_goroot", lambda: None)
    shelf.put("course", goroot=goroot("1.26"))

    result = cli("install", "--no-build", "--offline")

    assert result.code == 0, result.err
    assert "of the bundle course is used" in result.err
    [name] = [path.name for path in cli.kernels.iterdir()]
    own = cli.kernel(name)["metadata"]["gokernel"]["config"]
    assert own["goroot"].startswith(str(shelf.made[0] / "toolchain"))
    assert len(own["go_sha256"]) == 64
    named = cli("install", "--no-build", "--offline", "--go", own["goroot"], "--json")
    assert named.json["kernels"][0]["status"] == "unchanged"


def test_doctor_of_an_offline_kernel(cli: CommandLine, demo: Path) -> None:
    """What would install it again says so, too."""
    cli("install", "--env", "demo", "--no-build", "--offline", "--set", "A=b")
    path = cli.kernels / "go-demo" / "kernel.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "argv": ["gone"], "interrupt_mode": "message"}))

    result = cli("doctor", "--kernel", "go-demo", "--json")

    remedies = json.dumps(result.json)
    assert "--name go-demo --offline" in remedies
    fixed = cli("doctor", "--kernel", "go-demo", "--fix", "-y")
    assert "go-demo" in fixed.out + fixed.err
    after = cli.kernel("go-demo")
    assert after["metadata"]["gokernel"]["config"]["offline"] is True
    assert json.loads(after["argv"][-1])["offline"] is True
