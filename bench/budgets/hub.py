"""What the mixin adds to a JupyterHub: to each spawn, to `get_env`, to `start`, to its loop.

A real Hub in this process, with a spawner that starts nothing (bench/hub_spawns.py).  The
prefix is real, its activation remembered, as it is from the second user on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench import hub_spawns, quiet
from bench.hub_spawns import Activates, Sends, Stub
from bench.interleave import Take, interleaved, undisturbed
from bench.result import Comparison, Kind, Result
from bench.samples import Samples, differences
from bench.stall import Watch
from bench.world import World
from go_kernel.findings import GoKernelError

NAME = "hub"
TITLE = "JupyterHub: what the mixin adds to 1,000 spawns, to get_env, to start"
SPAWNS, GET_ENV, START = 1.1, 0.000_050, 0.005
# As many as a Hub starts at once unless it is told otherwise.
_AT_ONCE = 100
_BATCHES = 10
_CALLS = 1000
_WAYS: Mapping[str, type[Stub]] = {
    "without": Stub,
    "an id and policy": Sends,
    "the whole environment": Activates,
}
_PLAIN, *_MIXED = _WAYS


class NotQuiet(GoKernelError):
    """`get_env` did what blocks a Hub."""

    id = "bench.not-quiet"


class NothingSent(GoKernelError):
    """The mixin did nothing, which takes no time."""

    id = "bench.nothing-sent"


async def measure(world: World, rounds: int) -> Result:
    """A thousand of each, however many rounds others take."""
    return await measured(world, batches=_BATCHES, at_once=_AT_ONCE, calls=_CALLS)


async def measured(world: World, *, batches: int, at_once: int, calls: int) -> Result:
    """As `measure`, in any size."""
    async with hub_spawns.hub(world.folder / "hub", world.prefix) as hub:
        spawners = {name: (await hub.spawn(cls, hub.users(1)))[0] for name, cls in _WAYS.items()}
        _check(spawners, world)
        spawned, stalls = await _spawned(hub, batches, at_once)
    asked = await interleaved(_timed(spawners, _get_env), calls)
    started = await interleaved(_timed(spawners, _start), calls)
    compared = [
        *(_beside(f"{at_once} spawns, {way}", spawned, way, Kind.RATIO, SPAWNS) for way in _MIXED),
        *(_beside(f"longest stall, {way}", stalls, way, Kind.RATIO, None) for way in _MIXED),
        *(_beside(f"get_env, {way}", asked, way, Kind.ADDED, GET_ENV) for way in _MIXED),
        *(_beside(f"start, {way}", started, way, Kind.ADDED, START) for way in _MIXED),
    ]
    return Result(NAME, TITLE, tuple(compared), tuple(_notes(spawned, stalls, asked, at_once)))


def _beside(
    what: str, taken: Mapping[str, Samples], way: str, kind: Kind, limit: float | None
) -> Comparison:
    return Comparison(what, taken[way], "without the mixin", taken[_PLAIN], kind, limit)


async def _spawned(
    hub: hub_spawns.Hub, batches: int, at_once: int
) -> tuple[dict[str, Samples], dict[str, Samples]]:
    """Seconds of each batch, and the longest that the loop was kept in it."""
    watch = Watch(asyncio.get_running_loop())
    longest: dict[str, list[float]] = {name: [] for name in _WAYS}

    def way(name: str) -> Take:
        async def take() -> float:
            users = hub.users(at_once)
            await asyncio.sleep(0)
            watch.taken()
            begin = time.perf_counter()
            await hub.spawn(_WAYS[name], users)
            seconds = time.perf_counter() - begin
            await asyncio.sleep(0.002)  # what was late is noted when it is called
            longest[name].append(watch.taken()[1])
            return seconds

        return take

    with undisturbed():
        spawned = await interleaved({name: way(name) for name in _WAYS}, batches, warm_ups=1)
    return spawned, {name: Samples(tuple(taken[1:])) for name, taken in longest.items()}


def _check(spawners: Mapping[str, Any], world: World) -> None:
    """That what is measured does what it should, and `get_env` no more than that."""
    said = {}
    for name, spawner in spawners.items():
        with quiet.touched() as touched:
            said[name] = spawner.get_env()
        if touched:
            raise NotQuiet(f"get_env ({name}) touched {', '.join(touched)}.")
    whole, some = said[_MIXED[1]], said[_MIXED[0]]
    if whole.get("GOROOT") != f"{world.prefix}/go" or some.get("GOKERNEL_HUB_ENVIRONMENT") != "go":
        raise NothingSent("get_env didn't send the environment that was offered.")


def _timed(
    spawners: Mapping[str, Any], call: Callable[[Any], Callable[[], Any]]
) -> dict[str, Take]:
    return {name: call(spawner) for name, spawner in spawners.items()}


def _get_env(spawner: Any) -> Take:
    async def take() -> float:
        begin = time.perf_counter()
        spawner.get_env()
        return time.perf_counter() - begin

    return take


def _start(spawner: Any) -> Take:
    async def take() -> float:
        begin = time.perf_counter()
        await spawner.start()
        return time.perf_counter() - begin

    return take


def _notes(
    spawned: Mapping[str, Samples],
    stalls: Mapping[str, Samples],
    asked: Mapping[str, Samples],
    at_once: int,
) -> Sequence[str]:
    totals = (f"{sum(taken.seconds):.1f} s {name}" for name, taken in spawned.items())
    count = len(spawned[_PLAIN].seconds) * at_once
    longest = (f"{max(taken.seconds) * 1000:.0f} ms {name}" for name, taken in stalls.items())
    added = {name: differences(asked[name], asked[_PLAIN]) for name in _MIXED}
    micro = (
        f"{one.median * 1e6:.0f} (99 of 100: {one.percentile(99) * 1e6:.0f}) µs {name}"
        for name, one in added.items()
    )
    return (
        f"{count} spawns of {at_once} at once: {', '.join(totals)}",
        f"longest stall of the loop meanwhile: {', '.join(longest)}",
        f"get_env adds {', '.join(micro)}",
        "get_env opened and looked at no file and started no process (hooks of Python say)",
    )
