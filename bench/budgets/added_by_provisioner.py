"""What our provisioner adds to the same program with the same variables, everything warm."""

from __future__ import annotations

from bench.interleave import interleaved
from bench.peers import kernels
from bench.result import Comparison, Kind, Result
from bench.world import World

NAME = "provisioner"
TITLE = "added by the provisioner to the same program and variables"
LIMIT = 0.010


async def measure(world: World, rounds: int) -> Result:
    """start_kernel to first reply, the client connecting once the ports are open."""
    prepared = world.prepared()
    try:
        ways = [kernels.ours(world), kernels.bare(world, prepared)]
        taken = await interleaved({way.name: way.take for way in ways}, rounds)
    finally:
        prepared.scratch.release()
    mine, theirs = ways
    compared = Comparison(
        "kernel ready",
        taken[mine.name],
        theirs.name,
        taken[theirs.name],
        Kind.ADDED,
        LIMIT,
    )
    return Result(NAME, TITLE, (compared,))
