"""What the mixin adds to a JupyterHub: to each spawn, to `get_env`, to `start`, to its loop.

A real Hub in this process, with a spawner that starts nothing (bench/hub_spawns.py).  The
prefix is real, its activation remembered, as it is from the second user on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
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
        batch = _Batches(hub, at_once)
        spawned = await batch.taken(batches)
    asked = await interleaved(_timed(spawners, _get_env), calls)
    started = await interleaved(_timed(spawners, _start), calls)
    compared = [
        *(_beside(f"{at_once} spawns, {way}", spawned, way, Kind.RATIO, SPAWNS) for way in _MIXED),
        *(_beside(f"get_env, {way}", asked, way, Kind.ADDED, GET_ENV) for way in _MIXED),
        *(_beside(f"start, {way}", started, way, Kind.ADDED, START) for way in _MIXED),
    ]
    return Result(NAME, TITLE, tuple(compared), _notes(spawned, batch, asked, at_once))


def _beside(
    what: str, taken: Mapping[str, Samples], way: str, kind: Kind, limit: float | None
) -> Comparison:
    return Comparison(what, taken[way], "without the mixin", taken[_PLAIN], kind, limit)


class _Batches:
    """Spawns in turn: seconds of the processor, seconds of the clock, and the longest stall.

    What others do with the machine doesn't count into the first, which a budget is for.
    """

    def __init__(self, hub: hub_spawns.Hub, at_once: int):
        self._hub, self._at_once = hub, at_once
        self._watch = Watch(asyncio.get_running_loop())
        self.clock: dict[str, list[float]] = {name: [] for name in _WAYS}
        self.stalls: dict[str, list[float]] = {name: [] for name in _WAYS}

    async def taken(self, batches: int) -> dict[str, Samples]:
        """Take them all, after one of each that doesn't count."""
        with undisturbed():
            taken = await interleaved(
                {name: self._way(name) for name in _WAYS}, batches, warm_ups=1
            )
        for lists in (self.clock, self.stalls):
            for one in lists.values():
                del one[0]
        return taken

    def _way(self, name: str) -> Take:
        async def take() -> float:
            users = self._hub.users(self._at_once)
            await asyncio.sleep(0.002)
            self._watch.taken()
            clock, processor = time.perf_counter(), time.process_time()
            await self._hub.spawn(_WAYS[name], users)
            seconds = time.process_time() - processor
            self.clock[name].append(time.perf_counter() - clock)
            await asyncio.sleep(0.002)  # what was late is noted when it is called
            self.stalls[name].append(self._watch.taken()[1])
            return seconds

        return take


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
    spawned: Mapping[str, Samples], batch: _Batches, asked: Mapping[str, Samples], at_once: int
) -> tuple[str, ...]:
    count = len(spawned[_PLAIN].seconds) * at_once
    added = {name: differences(asked[name], asked[_PLAIN]) for name in _MIXED}
    micro = (
        f"{one.median * 1e6:.0f} (99 of 100: {one.percentile(99) * 1e6:.0f}) µs {name}"
        for name, one in added.items()
    )
    totals = (
        f"{name}: {sum(spawned[name].seconds):.1f} s of the processor, "
        f"{sum(batch.clock[name]):.1f} s by the clock, "
        f"longest stall of the loop {max(batch.stalls[name]) * 1000:.0f} ms"
        for name in _WAYS
    )
    return (
        f"{count} spawns, {at_once} at once, {'; '.join(totals)}",
        f"get_env adds {', '.join(micro)}",
        "get_env opened and looked at no file and started no process (hooks of Python say)",
    )
