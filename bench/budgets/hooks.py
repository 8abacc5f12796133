"""What hooks add to the activation of an environment, in each shell.

A shell that sources an environment's scripts as conda has it do, with hooks and without:
the difference is what a person waits for.  conda itself, which takes longer than all of
this, is left out.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from bench.interleave import Take, interleaved, undisturbed
from bench.result import Comparison, Kind, Result
from bench.world import World
from go_kernel.cache import Cache
from go_kernel.conda.scripts import scripts_of
from go_kernel.hooks import files, scripts
from go_kernel.hooks.wanted import wanted
from go_kernel.process import run
from go_kernel.resolve import Target
from go_kernel.shells import quoted

NAME = "hooks"
TITLE = "what hooks add to an activation"
LIMIT = 0.010
_SETTINGS = {"GOPATH": "{home}/go-{environment}", "GOPROXY": "off"}
# How a shell is started with nobody's files, and which kind of commands it reads.
_SHELLS: Mapping[str, tuple[list[str], str]] = {
    "bash": (["bash", "--noprofile", "--norc"], "sh"),
    "dash": (["dash"], "sh"),
    "zsh": (["zsh", "-f"], "sh"),
    "fish": (["fish", "--no-config"], "fish"),
    "tcsh": (["tcsh", "-f"], "tcsh"),
}
_WITH, _WITHOUT = "with hooks", "without"
_SECONDS = 60.0


async def measure(world: World, rounds: int) -> Result:
    """Each shell that this machine has, the two ways in turn."""
    prefix = world.environment("hooked", f"go={world.go_version}", f"go-cgo={world.go_version}")
    theirs = scripts_of(prefix)
    cache = Cache(world.folder / "cache")
    files.write(wanted(Target(prefix.name, prefix=prefix), _SETTINGS, {}, "--set", cache=cache))
    present = [shell for shell in _SHELLS if shutil.which(shell, path=world.env["PATH"])]
    ways: dict[str, Take] = {}
    for shell in present:
        ways[f"{shell}, {_WITHOUT}"] = _activation(shell, world, prefix, theirs, hooks=False)
        ways[f"{shell}, {_WITH}"] = _activation(shell, world, prefix, theirs, hooks=True)
    taken = await interleaved(ways, rounds)
    compared = [
        Comparison(
            f"{shell}, {_WITH}",
            taken[f"{shell}, {_WITH}"],
            _WITHOUT,
            taken[f"{shell}, {_WITHOUT}"],
            Kind.ADDED,
            LIMIT,
        )
        for shell in present
    ]
    absent = ", ".join(shell for shell in _SHELLS if shell not in present)
    return Result(NAME, TITLE, tuple(compared), (f"left out: {absent}",) if absent else ())


def _activation(shell: str, world: World, prefix: Path, theirs: list[Path], *, hooks: bool) -> Take:
    """Start a shell that sources the scripts of packages, and ours behind them."""
    argv, kind = _SHELLS[shell]
    word = "." if kind == "sh" else "source"
    sourced = [path for path in theirs if kind == "sh"]
    sourced += [prefix / scripts.place_of(kind)] if hooks else []
    file = world.folder / f"activate-{shell}-{'hooks' if hooks else 'plain'}"
    file.write_text("".join(f"{word} {quoted(kind, str(path))}\n" for path in sourced))
    env = {**world.env, "CONDA_PREFIX": str(prefix), "CONDA_SHLVL": "1"}
    env["PATH"] = f"{prefix}/bin:{env['PATH']}"

    async def take() -> float:
        with undisturbed():
            begin = time.perf_counter()
            run([*argv, str(file)], env=env, timeout=_SECONDS)
            return time.perf_counter() - begin

    return take
