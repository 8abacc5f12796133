"""Finding the Go of 1,000 environments, without starting a process.

The worst case has the budget: each of them has Go, so each is looked at in full.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench.interleave import Take, interleaved, undisturbed
from bench.peers.activations import executable
from bench.result import Comparison, Kind, Result
from bench.world import World
from go_kernel import inventory, platforms
from go_kernel.findings import GoKernelError
from go_kernel.process import run

NAME = "discovery"
TITLE = "finding Go in 1,000 prefixes"
LIMIT = 0.150
_PREFIXES = 1000
_CONDA = "conda info --json"
_CONDA_SECONDS = 600.0
_STARTS = frozenset({"subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system"})


class Unexpected(GoKernelError):
    """Looking for Go started a process, or missed one."""

    id = "bench.discovery"


class _Processes:
    """What this Python starts; an audit hook can't be taken away, so there is one."""

    def __init__(self) -> None:
        self.watching = False
        self.started: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.watching and (event in _STARTS or event.startswith("os.spawn")):
            self.started.append(f"{event} {arguments[:1]}")


async def measure(world: World, rounds: int) -> Result:
    """Ours where all have Go and where one in ten has, and conda's list where there is conda."""
    processes = _Processes()
    all_have, few_have = world.folder / "all", world.folder / "few"
    _prefixes(all_have, every=1)
    _prefixes(few_have, every=10)
    every, tenth = "each with Go", "one in ten with Go"
    ways = {
        every: _ours(all_have, _PREFIXES, world, processes),
        tenth: _ours(few_have, _PREFIXES // 10, world, processes),
    }
    conda = executable("conda", world.env)
    if conda is not None:
        ways[_CONDA] = _conda_info(conda, all_have, world)
    taken = await interleaved(ways, rounds)
    compared = [
        Comparison(every, taken[every], "the budget", None, Kind.TIME, LIMIT),
        Comparison(tenth, taken[tenth], "the budget", None, Kind.TIME, LIMIT),
    ]
    notes = ["no process was started (seen by an audit hook)"]
    if conda is not None:
        compared.append(Comparison(every, taken[every], _CONDA, taken[_CONDA], Kind.RATIO, None))
    else:
        notes.append(f"{_CONDA}: left out, this machine has no conda")
    return Result(NAME, TITLE, tuple(compared), tuple(notes))


def _ours(root: Path, expected: int, world: World, processes: _Processes) -> Take:
    env = {"HOME": world.env["HOME"], "MAMBA_ROOT_PREFIX": str(root)}

    async def take() -> float:
        processes.started.clear()
        with undisturbed():
            processes.watching = True
            begin = time.perf_counter()
            found = inventory.with_go(env)
            seconds = time.perf_counter() - begin
            processes.watching = False
        inside = [one for one in found if one.prefix.is_relative_to(root) and not one.problem]
        if processes.started or len(inside) != expected:
            raise Unexpected(
                f"{len(inside)} environments with Go were found, and not {expected}; "
                f"started were {processes.started}."
            )
        return seconds

    return take


def _conda_info(conda: str, root: Path, world: World) -> Take:
    env = {**world.env, "CONDA_ENVS_PATH": str(root / "envs")}

    async def take() -> float:
        begin = time.perf_counter()
        json.loads(run([conda, "info", "--json"], env=env, timeout=_CONDA_SECONDS).stdout)
        return time.perf_counter() - begin

    return take


def _prefixes(root: Path, *, every: int) -> None:
    """`root`/envs with environments; each `every`-th has the files of a Go."""
    host = platforms.host()
    compiler = f"go/pkg/tool/{host.goos}_{host.goarch}/compile"
    for number in range(_PREFIXES):
        prefix = root / "envs" / f"env-{number:04}"
        _write(prefix, {"conda-meta/history": "", "conda-meta/zlib-1.3.1-0.json": "{}"})
        if number % every == 0:
            _write(prefix, {"go/VERSION": "go1.26.6\n", "go/bin/go": "go", compiler: "compile"})
            (prefix / "bin").mkdir()
            (prefix / "bin/go").symlink_to("../go/bin/go")


def _write(prefix: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
