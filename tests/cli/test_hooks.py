"""`hooks`: what is printed, kept, refused, and which exit code that has."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

from go_kernel import kernelspec
from go_kernel.config import KernelConfig
from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with a Go that is never started."""
    return prefixes.go_prefix(tmp_path / "envs" / "demo")


def test_install_show_remove(cli: CommandLine, prefix: Path) -> None:
    """The variables as a table, each with who wants it; then nothing is there."""
    done = cli("hooks", "install", "--env", prefix, "--set", "GOPATH={home}/go-{environment}")
    assert (done.code, done.err) == (0, "")
    assert f"are here now: 6 scripts in {prefix}/etc/conda" in done.out
    assert "They run with the next `conda activate demo`" in done.out
    again = cli("hooks", "install", "--env", prefix)
    assert "are here already" in again.out
    assert "They run with" not in again.out
    shown = cli("hooks", "show", "--env", prefix)
    assert (shown.code, shown.err) == (0, "")
    assert [line.split(maxsplit=2) for line in shown.out.splitlines()[1:]] == [
        ["GOROOT", f"{prefix}/go", "the environment's Go"],
        ["GOTOOLCHAIN", "local", "the environment's Go"],
        ["GOPATH", "{home}/go-demo", "--set"],
    ]
    removed = cli("hooks", "remove", "--env", prefix)
    assert (removed.code, removed.out) == (0, "Removed the hooks of demo: 6 scripts\n")
    again = cli("hooks", "remove", "--env", prefix)
    assert (again.code, again.err) == (0, f"There are no hooks in {prefix}.\n")
    gone = cli("hooks", "show", "--env", prefix)
    assert (gone.code, gone.out) == (1, "")
    assert "`jupyter gokernel hooks install --env" in gone.err


def test_json(cli: CommandLine, prefix: Path) -> None:
    """The same as data: whether they were there before, what they know `go` by, their files."""
    first = cli("hooks", "install", "--env", prefix, "--set", "GOFLAGS=", "--json").json
    second = cli("hooks", "install", "--env", prefix, "--json").json
    assert (first["again"], second["again"]) == (False, True)
    status = (prefix / "go/bin/go").stat()
    assert first["stamp"] == {"size": status.st_size, "mtime": int(status.st_mtime)}
    shown = cli("hooks", "show", "--env", prefix, "--json").json
    assert shown["state"] == "current"
    assert shown["problem"] is None
    assert shown["variables"] == first["variables"]
    assert {"name": "GOFLAGS", "value": None, "origin": "--set"} in shown["variables"]
    removed = cli("hooks", "remove", "--env", prefix, "--json").json["removed"]
    assert sorted(removed) == sorted(first["files"])
    assert cli("hooks", "show", "--env", prefix, "--json").json["state"] == "none"


def test_what_was_said_stays(cli: CommandLine, prefix: Path) -> None:
    """After an update of Go the hooks are installed again without saying all of it anew."""
    cli("hooks", "install", "--env", prefix, "--set", "GOPROXY=off")
    os.utime(prefix / "go/bin/go", (1, 1))
    stale = cli("hooks", "show", "--env", prefix)
    assert stale.code == 1
    assert stale.err.startswith(f"warn: {prefix}/go/bin/go changed since the hooks were installed")
    assert cli("hooks", "install", "--env", prefix).code == 0
    assert cli("hooks", "show", "--env", prefix).code == 0
    shown = cli("hooks", "show", "--env", prefix, "--json").json
    assert {"name": "GOPROXY", "value": "off", "origin": "--set"} in shown["variables"]
    more = ("--set", "GOSUMDB=off", "--set", "GOPROXY=direct")
    changed = cli("hooks", "install", "--env", prefix, *more, "--json").json
    kept = cli("hooks", "install", "--env", prefix, "--set", "GOSUMDB=", "--json").json
    assert [
        {one["name"]: one["value"] for one in told["variables"] if one["origin"] == "--set"}
        for told in (changed, kept)
    ] == [
        {"GOPROXY": "direct", "GOSUMDB": "off"},
        {"GOPROXY": "direct", "GOSUMDB": None},
    ]


def test_active_environment(cli: CommandLine, prefix: Path) -> None:
    """Who names none means the active one, and is told so."""
    cli.env |= {"CONDA_PREFIX": str(prefix), "CONDA_SHLVL": "1"}
    done = cli("hooks", "install")
    assert (done.code, done.err) == (0, "The active environment demo is used.\n")


def test_a_kernels_variables(cli: CommandLine, prefix: Path) -> None:
    """`--kernel` takes its environment and its settings."""
    config = KernelConfig("demo", prefix=str(prefix), settings={"GOPRIVATE": "example.invalid"})
    kernelspec.write(kernelspec.spec_for(config, name="go-demo"), cli.kernels)
    done = cli("hooks", "install", "--kernel", "go-demo", "--json").json
    assert done["prefix"] == str(prefix)
    assert {
        "name": "GOPRIVATE",
        "value": "example.invalid",
        "origin": "kernel go-demo",
    } in done["variables"]


def test_what_a_kernel_hasnt_goes(cli: CommandLine, prefix: Path) -> None:
    """And that is told."""
    config = KernelConfig("demo", prefix=str(prefix), settings={"GOPRIVATE": "example.invalid"})
    kernelspec.write(kernelspec.spec_for(config, name="go-demo"), cli.kernels)
    cli("hooks", "install", "--env", prefix, "--set", "GOPROXY=off")
    done = cli("hooks", "install", "--kernel", "go-demo")
    assert done.err == "GOPROXY is set no more, since kernel go-demo doesn't have it.\n"


def test_sites_policy(cli: CommandLine, prefix: Path) -> None:
    """What configuration says for everybody holds in shells, too, and wins."""
    folder = Path(cli.env["JUPYTER_CONFIG_DIR"])
    folder.mkdir(exist_ok=True)
    config = folder / "jupyter_gokernel_config.py"
    config.write_text('c.GoKernelProvisioner.policy = {"GOPROXY": "off"}\n')
    done = cli("hooks", "install", "--env", prefix, "--set", "GOPROXY=direct", "--json").json
    found = [one for one in done["variables"] if one["name"] == "GOPROXY"]
    assert found == [{"name": "GOPROXY", "value": "off", "origin": "site policy"}]
    config.unlink()
    again = cli("hooks", "install", "--env", prefix, "--json").json
    assert "GOPROXY" not in [one["name"] for one in again["variables"]]


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [
        ("GOPROXY=https://me:word@proxy.invalid", 2, "holds a password or token"),
        ("GOROOT=/x", 2, "'GOROOT' (--set) can't be set by hooks: it follows from"),
        ("GOKERNEL_SCRATCH=/x", 2, "(--set) can't be set by hooks"),
        ("GOBIN={home}/x", 2, "{home} in GOBIN={home}/x (--set) would stay as it is"),
        ("GOFLAGS=-ldflags=${home}", 0, ""),
        ("PATH=/x", 2, "can't be set by hooks"),
        ("GOPATH={nowhere}", 2, "{nowhere} is not known"),
        ("GOPATH=", 0, ""),
        ("GOPATH=rel", 2, "'GOPATH' (--set) can't be set by hooks: Go takes absolute paths only"),
        ("GOPATH={home}/go:~/more", 2, "absolute paths only, and '~/more' isn't"),
        ("GOPATH={home}/go:/more:", 0, ""),
        ("GOMODCACHE=./mod", 2, "absolute paths only, and './mod' isn't"),
        ("GOCACHE=off", 2, "absolute paths only, and 'off' isn't"),
        ("GOBIN=bin", 2, "absolute paths only, and 'bin' isn't"),
        ("_gokernel_level=3", 2, "the hooks themselves use that name"),
        ("X", 2, "--set 'X' sets nothing"),
    ],
)
def test_what_may_be_set(
    cli: CommandLine, prefix: Path, setting: str, code: int, said: str
) -> None:
    """One sentence for what may not; nothing is written then."""
    done = cli("hooks", "install", "--env", prefix, "--set", setting)
    assert done.code == code
    assert said in done.err
    assert "word@" not in done.err
    assert (prefix / "etc").exists() == (code == 0)


def test_script_of_a_shell(cli: CommandLine, prefix: Path) -> None:
    """As it lies there, by the name that people call the shell."""
    cli("hooks", "install", "--env", prefix)
    endings = {"fish": "fish", "tcsh": "csh", "csh": "csh"}
    endings |= dict.fromkeys(("sh", "bash", "zsh", "dash"), "sh")
    for shell, ending in endings.items():
        shown = cli("hooks", "show", "--env", prefix, "--shell", shell)
        file = prefix / "etc/conda/activate.d" / f"zz-gokernel.{ending}"
        assert (shown.code, shown.out) == (0, file.read_text())
    assert "Give --shell one of bash, zsh" in cli("hooks", "show", "--shell", "elvish").err


def test_another_go_than_the_installed(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """Hooks would vouch for it: they are not installed, in the words of all commands."""
    prefix = conda_prefix("go=1.26", name="replaced")
    assert cli("hooks", "install", "--env", prefix).code == 0
    prefixes.program(prefix / "other").rename(prefix / "go/bin/go")
    known = installed_bytes(prefix)
    done = cli("hooks", "install", "--env", prefix)
    assert done.code == 1
    assert f"{prefix}/go/bin/go is not the file that was installed" in done.err
    assert f"conda install -p {prefix} --force-reinstall go" in done.err
    assert installed_bytes(prefix) == known


def installed_bytes(prefix: Path) -> list[bytes]:
    """The scripts as they are."""
    return [path.read_bytes() for path in sorted(prefix.glob("etc/conda/*/zz-gokernel.*"))]


def test_environment_without_go(cli: CommandLine, tmp_path: Path) -> None:
    """There is nothing that hooks could set; but what is there can be looked at and removed."""
    prefix = prefixes.prefix(tmp_path / "bare")
    assert cli("hooks", "install", "--env", prefix).code == 1
    assert cli("hooks", "show", "--env", prefix).code == 1
    assert cli("hooks", "remove", "--env", prefix).code == 0


def test_doctor_sees_stale_hooks(cli: CommandLine, prefix: Path) -> None:
    """The check `hooks.current`, with the command that mends it."""
    ask = ("doctor", "--env", prefix, "--check", "hooks.current", "--json")

    def status() -> tuple[str, object]:
        [found] = [f for f in cli(*ask).json["findings"] if f["id"] == "hooks.current"]
        return found["status"], found["remedy"]

    assert status() == ("ok", None)
    cli("hooks", "install", "--env", prefix)
    assert status() == ("ok", None)
    (prefix / "etc/conda/deactivate.d/zz-gokernel.fish").unlink()
    found, remedy = status()
    assert found == "warn"
    assert f"hooks install --env {shlex.quote(str(prefix))}" in json.dumps(remedy)
