"""What a client sees that connects as soon as start_kernel is back: the usual client.

Who comes before the ports are open waits for ZeroMQ's reconnect interval of 100 ms.
"""

from __future__ import annotations

from bench.interleave import interleaved
from bench.peers import kernels
from bench.result import Comparison, Kind, Result
from bench.world import World

IPYKERNEL, IPYKERNEL_TITLE = "ipykernel", "a waiting client, against ipykernel"
RUNNER, RUNNER_TITLE = "runner", "a waiting client, against a launch through a runner"
IPYKERNEL_LIMIT = 0.3
RUNNER_LIMIT = 0.4


async def against_ipykernel(world: World, rounds: int) -> Result:
    """Against Jupyter's Python kernel."""
    mine, theirs = kernels.ours(world), kernels.ipykernel(world)
    taken = await interleaved({way.name: way.take for way in (mine, theirs)}, rounds)
    compared = Comparison(
        "first reply",
        taken[mine.name],
        theirs.name,
        taken[theirs.name],
        Kind.RATIO,
        IPYKERNEL_LIMIT,
    )
    return Result(IPYKERNEL, IPYKERNEL_TITLE, (compared,))


async def against_runner(world: World, rounds: int) -> Result:
    """Against the same program through two Pythons and a bash."""
    prepared = world.prepared()
    try:
        mine, theirs = kernels.ours(world), kernels.runner(world, prepared)
        taken = await interleaved({way.name: way.take for way in (mine, theirs)}, rounds)
    finally:
        prepared.scratch.release()
    compared = Comparison(
        "first reply", taken[mine.name], theirs.name, taken[theirs.name], Kind.RATIO, RUNNER_LIMIT
    )
    note = "the runner's two Pythons import nothing but the standard library, so it is a fast one"
    return Result(RUNNER, RUNNER_TITLE, (compared,), (note,))
