"""What hooks give a shell, `env` says, and kernels get; a server's shell hands on none of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from rattler.shell import ActivationVariables, PathModificationBehavior, Shell
from rattler.shell import activate as rattler_activate

from go_kernel.cache import Cache
from go_kernel.conda.bookkeeping import undo
from go_kernel.resolve import Target, resolve
from tests import prefixes
from tests.conftest import CondaPrefix
from tests.hooks.making import environment, hooked
from tests.hooks.sessions import DEACTIVATE, LOOK, SHELLS, activate, session

SETTINGS = {"GOPATH": "{home}/go-{environment}", "GOPROXY": "off", "GOFLAGS": "-v"}
NAMES = ("GOROOT", "GOTOOLCHAIN", "GOPATH", "GOPROXY")


@pytest.fixture(scope="module", params=["1.22", "1.26"])
def prefix(request: pytest.FixtureRequest, conda_prefix: CondaPrefix) -> Path:
    """A real environment of each layout, with compilers and their scripts, and with hooks."""
    name = f"hooked{request.param}"
    return hooked(conda_prefix(f"go={request.param}", "go-cgo", name=name), SETTINGS)


def test_shells_get_what_env_says(prefix: Path, clean_env: dict[str, str], tmp_path: Path) -> None:
    """In each shell real `go` runs with the variables that a kernel of the environment has."""
    env = {name: clean_env[name] for name in ("PATH", "HOME", "LANG")}
    env |= {"GOROOT": "/elsewhere", "GOPATH": "/mine"}
    found = resolve(Target(prefix.name, prefix=prefix), env, cache=Cache(tmp_path / "cache"))
    said = {name: found.environment.get(name) for name in NAMES}
    assert said["GOPATH"] == f"{env['HOME']}/go-{prefix.name}"
    assert [finding.summary for finding in found.environment.findings] == []
    assert not any("GOKERNEL" in name for name in found.environment.as_dict())
    for shell in SHELLS:
        folder = tmp_path / shell
        folder.mkdir()
        seen = session(
            *(shell, env, folder, LOOK, activate(prefix), LOOK),
            f"go env {' '.join(NAMES)} > {folder}/go",
            *(DEACTIVATE, LOOK),
        )
        assert {name: seen.looks[1].get(name) for name in NAMES} == said, shell
        assert (folder / "go").read_text().splitlines() == [said[name] for name in NAMES]
        before, after = seen.looks[0], seen.looks[2]
        assert {n: after.get(n) for n in ("PATH", "GOPATH")} == {
            n: before[n] for n in ("PATH", "GOPATH")
        }
        assert not any("GOKERNEL" in name for name in after)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_another_tools_activation(
    shell: str, prefix: Path, clean_env: dict[str, str], tmp_path: Path
) -> None:
    """rattler, on which pixi stands, runs the same scripts with the same outcome."""
    path = ["/usr/bin", "/bin"]
    variables = ActivationVariables(None, path, PathModificationBehavior.Replace)
    script = rattler_activate(prefix, variables, getattr(Shell, shell)).script
    seen = session(shell, clean_env, tmp_path, script, LOOK)
    assert seen.said == ""
    [look] = seen.looks
    assert look["GOROOT"] == f"{prefix}/go"
    assert look["GOPATH"] == f"{clean_env['HOME']}/go-{prefix.name}"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_server_started_in_such_a_shell(shell: str, tmp_path: Path) -> None:
    """Its kernels of other environments get what was set before, at whatever level."""
    one = environment(tmp_path / "one", GOPROXY="one", GOPATH="/one", GOFLAGS="")
    two = environment(tmp_path / "two", GOPROXY="two", GOSUMDB="off")
    before = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/home/me",
        "GOPROXY": "=old,direct",
        "GOFLAGS": "-v",
        "GOSUMDB": "",
    }
    seen = session(shell, before, tmp_path, LOOK, activate(one), activate(two, "--stack"), LOOK)
    first, active = seen.looks
    assert (active["GOPROXY"], active["GOPATH"], active["GOSUMDB"]) == ("two", "/one", "off")
    left = {**active, **undo(active)}
    assert {name: value for name, value in left.items() if value is not None} == first


def test_another_kernels_variables(tmp_path: Path) -> None:
    """The same, as the kernel sees it: nothing of the hooks, nor what they put aside."""
    one = environment(tmp_path / "one", GOPROXY="one", GOPATH="/one")
    other = prefixes.go_prefix(tmp_path / "other")
    before = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    [active] = session("bash", before, tmp_path, activate(one), LOOK).looks
    found = resolve(Target("other", prefix=other), active, cache=Cache(tmp_path / "cache"))
    variables = found.environment.as_dict()
    assert variables["GOPATH"] == f"{tmp_path}/go"
    assert "GOPROXY" not in variables
    assert not any("GOKERNEL" in name for name in variables)


def test_a_kernel_is_told_of_hooks_that_set_nothing(tmp_path: Path) -> None:
    """They are refused there as in a shell; and no longer once they are installed again."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    target, cache = Target("demo", prefix=prefix), Cache(tmp_path / "cache")
    parent = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    os.utime(prefix / "go/bin/go", (1, 1))
    found = resolve(target, parent, cache=cache).environment
    assert "GOPROXY" not in found.as_dict()
    [told] = [one for one in found.findings if one.id.startswith("activation.")]
    assert "changed since these hooks were installed" in told.evidence
    hooked(prefix, GOPROXY="new")
    again = resolve(target, parent, cache=cache).environment
    assert again.get("GOPROXY") == "new"
    assert not [one for one in again.findings if one.id.startswith("activation.")]


def test_installed_again_says_the_same(tmp_path: Path) -> None:
    """Hooks are made of what is wanted, and not of what earlier hooks set."""
    prefix = environment(tmp_path / "demo", SETTINGS)
    known = {p: p.read_bytes() for p in prefix.glob("etc/conda/*/*")}
    target = Target("demo", prefix=prefix)
    resolve(target, {"HOME": str(tmp_path)}, cache=Cache(tmp_path / "cache"))
    hooked(prefix, SETTINGS)
    assert {p: p.read_bytes() for p in prefix.glob("etc/conda/*/*")} == known


def test_sh_runs_no_other_program(tmp_path: Path) -> None:
    """One process, `stat`: a fake one first on PATH isn't it, nor is a `seq`."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    for name in ("stat", "seq"):
        prefixes.program(tmp_path / "bin" / name, f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    prefixes.script(prefix, "a.fish", f"set PATH {tmp_path}/bin $PATH\n")
    env = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": "/h"}
    for shell in SHELLS:
        folder = tmp_path / shell
        folder.mkdir()
        seen = session(shell, env, folder, activate(prefix), LOOK)
        assert seen.looks[0]["GOPROXY"] == "new", shell
    assert not (tmp_path / "ran").exists()


def test_every_parser_takes_them(tmp_path: Path) -> None:
    """The scripts are valid for each shell's own parser, before anything of them runs."""
    prefix = environment(tmp_path / "it's $my env", SETTINGS, GOCACHE="{cache}/x", GOSUMDB="")
    for place in ("activate.d", "deactivate.d"):
        script = prefix / "etc/conda" / place / "zz-gokernel.sh"
        for shell in ("bash", "dash", "zsh"):
            subprocess.run([shell, "-n", script], check=True, timeout=20)
        fish = script.with_suffix(".fish")
        subprocess.run(["fish", "--no-execute", fish], check=True, timeout=20)
