"""The peers' ways of activating an environment: each gives back its variables."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from rattler.shell import ActivationVariables, PathModificationBehavior, Shell, activate

from go_kernel.process import run

_RUNNER = Path(__file__).parent / "runner"
_SECONDS = 120.0

Activate = Callable[[], Mapping[str, str]]


def available(prefix: Path, env: Mapping[str, str]) -> tuple[dict[str, Activate], tuple[str, ...]]:
    """The peers that this machine has, by name, and a note on those that it hasn't."""
    peers: dict[str, Activate] = {
        "rattler's script in a bash": lambda: _rattler(prefix, env),
        "a Python and a bash": lambda: _runner(prefix, env),
    }
    notes = []
    for name in ("conda", "micromamba"):
        program = executable(name, env)
        if program is None:
            notes.append(f"{name} run: left out, this machine has no {name}")
        else:
            peers[f"{name} run"] = partial(_conda_run, program, prefix, env)
    return peers, tuple(notes)


def executable(name: str, env: Mapping[str, str]) -> str | None:
    """conda or micromamba: what their own variable names, else what PATH has."""
    named = env.get("CONDA_EXE" if name == "conda" else "MAMBA_EXE", "")
    if Path(named).name == name and shutil.which(named):
        return named
    return shutil.which(name, path=env.get("PATH"))


def _rattler(prefix: Path, env: Mapping[str, str]) -> Mapping[str, str]:
    current = ActivationVariables(
        None, env["PATH"].split(":"), path_modification_behavior=PathModificationBehavior.Replace
    )
    script = activate(prefix, current, Shell.bash).script
    return _bash(f"{script}\nenv -0", env)


def _runner(prefix: Path, env: Mapping[str, str]) -> Mapping[str, str]:
    script = f". {shlex.quote(str(_RUNNER / 'activate'))} {shlex.quote(str(prefix))} && env -0"
    return _bash(script, {**env, "GOKERNEL_BENCH_PYTHON": sys.executable})


def _conda_run(conda: str, prefix: Path, env: Mapping[str, str]) -> Mapping[str, str]:
    argv = [conda, "run", "-p", str(prefix), "env", "-0"]
    return _parsed(run(argv, env=env, timeout=_SECONDS).stdout)


def _bash(script: str, env: Mapping[str, str]) -> Mapping[str, str]:
    argv = ["bash", "--noprofile", "--norc", "-c", script]
    return _parsed(run(argv, env=env, timeout=_SECONDS).stdout)


def _parsed(answer: str) -> Mapping[str, str]:
    pairs = (item.partition("=") for item in answer.split("\0") if "=" in item)
    return {name: value for name, _, value in pairs}
