"""A course begins: thirty users of one machine start their kernels in the same moment.

First all servers are spawned at once, then all kernels are started at once, once Go's and
once Python's.  One that doesn't answer fails the measurement: none may be lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence

from tornado.httpclient import HTTPError

from bench import hub_users
from bench.hub_users import Classroom, NoHub
from bench.result import Comparison, Kind, Result
from bench.samples import Samples
from bench.world import World
from go_kernel.findings import GoKernelError

NAME = "hub-users"
TITLE = "JupyterHub: 30 users of one machine start kernels at once, none is lost"
_USERS = 30
_GO, _PYTHON = "go-server", "python3"
_CELL, _RESULT = "6 * 7", "42"
_LOOK_SECONDS = 1.0
# A kernel of Python's whose port was taken never answers: that is told, and not waited for.
_PATIENCE = 60.0


class Lost(GoKernelError):
    """Somebody's kernel didn't answer."""

    id = "bench.lost"


async def measure(world: World, rounds: int) -> Result:
    """Thirty, however many rounds others take."""
    return await measured(world, _USERS)


async def measured(world: World, count: int) -> Result:
    """As `measure`, with any number of users."""
    users = [f"user-{number:02}" for number in range(count)]
    folder = world.folder / "classroom"
    async with hub_users.open_hub(folder, {"go": world.prefix}, world.env) as room:
        most = asyncio.create_task(_peak(room))
        try:
            servers, spawned = await _at_once([room.server(user) for user in users])
            go, started, lost = await _kernels(room, users, _GO)
            if lost:
                raise Lost(f"{len(lost)} of {count} got no result from {_GO}: {lost[0]}.")
            python, _, pythons_lost = await _kernels(room, users, _PYTHON)
        finally:
            most.cancel()
            memory = await most
    compared = Comparison("a user's first result", go, _PYTHON, python, Kind.RATIO, None)
    notes = (
        f"{count} servers: {spawned:.1f} s in all; each {_spread(servers)}",
        f"{count} Go kernels, each with a result: {started:.1f} s in all; each {_spread(go)}",
        f"at most {memory / 2**30:.1f} GiB of memory, both kernels of everybody included",
        f"none of {count} lost; of {_PYTHON}'s {len(pythons_lost)} got no result",
    )
    return Result(NAME, TITLE, (compared,), notes)


async def _kernels(
    room: Classroom, users: Sequence[str], name: str
) -> tuple[Samples, float, list[str]]:
    """Seconds of each user and of all; and who got no result, and why."""
    lost = []

    async def one(user: str) -> float:
        begin = time.perf_counter()
        try:
            seconds, result = await asyncio.wait_for(room.kernel(user, name, _CELL), _PATIENCE)
        except (TimeoutError, asyncio.TimeoutError, OSError, HTTPError, NoHub) as error:
            seconds, result = time.perf_counter() - begin, str(error) or type(error).__name__
        if result != _RESULT:
            lost.append(f"{user}: {result}")
        return seconds

    samples, took = await _at_once([one(user) for user in users])
    return samples, took, lost


async def _at_once(calls: Sequence[Awaitable[float]]) -> tuple[Samples, float]:
    begin = time.perf_counter()
    taken = await asyncio.gather(*calls)
    return Samples(tuple(taken)), time.perf_counter() - begin


async def _peak(room: Classroom) -> int:
    """The most memory that was held, until it is cancelled."""
    most = 0
    try:
        while True:
            most = max(most, await asyncio.to_thread(room.memory))
            await asyncio.sleep(_LOOK_SECONDS)
    except asyncio.CancelledError:
        return max(most, room.memory())


def _spread(taken: Samples) -> str:
    return f"{taken.median:.1f} s (95 of 100: {taken.percentile(95):.1f} s)"
