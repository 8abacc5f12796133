"""All variables of one environment: remembered, and found out anew with three scripts.

Ours include Go's own files, the merge with its origins, and the check of `go` against
conda-meta's hash; the peers only activate.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.interleave import Take, interleaved, undisturbed
from bench.peers import activations
from bench.result import Comparison, Kind, Result
from bench.samples import Samples
from bench.world import World
from go_kernel.cache import Cache
from go_kernel.conda.scripts import scripts_of
from go_kernel.findings import GoKernelError
from go_kernel.offline.summary import Summary
from go_kernel.resolve import Target, resolve

NAME = "variables"
TITLE = "variables of one environment"
WARM_LIMIT = 0.002
COLD_LIMIT = 0.060
_SCRIPTS = 3
_WARM, _COLD = "warm", "cold, three activation scripts"
_BUNDLES, _HOW_MANY = "warm, three bundles", 3


class WrongEnvironment(GoKernelError):
    """The environment isn't the one that the budget speaks of."""

    id = "bench.wrong-environment"


async def measure(world: World, rounds: int) -> Result:
    """Ours, warm and cold, and the peers' activation of the same environment."""
    prefix = _three_scripts(world)
    peers, notes = activations.available(prefix, world.env)
    ways: dict[str, Take] = {
        _WARM: _timed(_ours(prefix, world.env, Cache(world.folder / "warm"))),
        _BUNDLES: _timed(_ours(prefix, _with_bundles(world), Cache(world.folder / "warm"))),
        _COLD: _cold(prefix, world),
        **{name: _timed(activate) for name, activate in peers.items()},
    }
    taken = await interleaved(ways, rounds)
    compared = [
        Comparison(_WARM, taken[_WARM], "the budget", None, Kind.TIME, WARM_LIMIT),
        Comparison(_BUNDLES, taken[_BUNDLES], "the budget", None, Kind.TIME, WARM_LIMIT),
        Comparison(_COLD, taken[_COLD], "the budget", None, Kind.TIME, COLD_LIMIT),
    ]
    compared += [_beside(what, taken, peer) for peer in peers for what in (_WARM, _COLD)]
    return Result(NAME, TITLE, tuple(compared), notes)


def _beside(what: str, taken: Mapping[str, Samples], peer: str) -> Comparison:
    return Comparison(what, taken[what], peer, taken[peer], Kind.RATIO, None)


def _three_scripts(world: World) -> Path:
    """An environment in conda-forge's older layout, where three packages bring a script."""
    prefix = world.environment("three", "go=1.22", "go-cgo=1.22", f"go-cgo_{world.subdir}")
    found = scripts_of(prefix)
    if len(found) != _SCRIPTS:
        names = ", ".join(path.name for path in found)
        raise WrongEnvironment(f"{prefix} has the scripts {names}, and not {_SCRIPTS} of them.")
    return prefix


def _with_bundles(world: World) -> dict[str, str]:
    """The environment of a process that has bundles; of each only what a launch looks at."""
    store = world.folder / "bundles"
    for number in range(_HOW_MANY):
        folder = store / f"{number:016x}"
        (folder / "proxy").mkdir(parents=True)
        (folder / "go.sum").write_text("")
        about = Summary(folder.name, "", "", 0.0, "bench", "", (), (), (), (), 0, 0, 0)
        about.write(folder)
    return {**world.env, "GOKERNEL_BUNDLES": str(store)}


def _ours(prefix: Path, env: Mapping[str, str], cache: Cache) -> Callable[[], object]:
    target = Target(prefix.name, prefix=prefix)
    return lambda: resolve(target, env, cache=cache)


def _timed(action: Callable[[], object]) -> Take:
    async def take() -> float:
        with undisturbed():
            begin = time.perf_counter()
            action()
            return time.perf_counter() - begin

    return take


def _cold(prefix: Path, world: World) -> Take:
    folder = world.folder / "cold"
    timed = _timed(_ours(prefix, world.env, Cache(folder)))

    async def take() -> float:
        if folder.exists():
            shutil.rmtree(folder)
        return await timed()

    return take
