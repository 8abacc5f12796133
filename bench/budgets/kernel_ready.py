"""Our gophernotes and the other Go kernels: from start_kernel to the first reply.

The client connects once the ports are open, so that nobody's figure holds ZeroMQ's
reconnect interval.  The first cell is empty: it asks whether the kernel is there.  What
a first cell takes that computes something is shown beside it, without a budget.
"""

from __future__ import annotations

from collections.abc import Callable

from bench.interleave import interleaved
from bench.peers import kernels
from bench.result import Comparison, Kind, Result
from bench.starts import Start
from bench.world import World

PUBLISHED, PUBLISHED_TITLE = "published", "kernel ready, against gophernotes as published"
GONB, GONB_TITLE = "gonb", "kernel ready, against GoNB"
PUBLISHED_LIMIT = 0.2
GONB_LIMIT = 1.2
_CELL = 'import "fmt"\nfmt.Println("ready")'
# GoNB wants to be told where statements begin, and has goimports import fmt.
_GONB_CELL = '%%\nfmt.Println("ready")'


async def against_published(world: World, rounds: int) -> Result:
    """Against gophernotes as published, mended only to start."""
    compared = (
        await _against(world, rounds, kernels.published, "", "", PUBLISHED_LIMIT),
        await _against(world, rounds, kernels.published, _CELL, _CELL, None),
    )
    return Result(PUBLISHED, PUBLISHED_TITLE, compared)


async def against_gonb(world: World, rounds: int) -> Result:
    """Against GoNB: our engine's program, without our provisioner."""
    compared = (
        await _against(world, rounds, kernels.gonb, "", "", GONB_LIMIT),
        await _against(world, rounds, kernels.gonb, _CELL, _GONB_CELL, None),
    )
    return Result(GONB, GONB_TITLE, compared)


async def _against(
    world: World,
    rounds: int,
    peer: Callable[[World, str], Start],
    cell: str,
    peers_cell: str,
    limit: float | None,
) -> Comparison:
    mine, theirs = kernels.ours(world, cell), peer(world, peers_cell)
    taken = await interleaved({way.name: way.take for way in (mine, theirs)}, rounds)
    what = "kernel ready" if limit is not None else "first fmt.Println"
    return Comparison(what, taken[mine.name], theirs.name, taken[theirs.name], Kind.RATIO, limit)
