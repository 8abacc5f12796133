"""A third-party package in a new kernel, when another kernel has imported it before.

Only the cell with the import is timed; the kernel has answered an empty cell before.
Everything is warm on both sides: modules are downloaded and compiled.
"""

from __future__ import annotations

from bench.interleave import Take, interleaved, undisturbed
from bench.peers import kernels
from bench.result import Comparison, Kind, Result
from bench.starts import Start, running
from bench.world import World

NAME = "import"
TITLE = "import of an already built package in a new kernel, against bare gophernotes"
LIMIT = 0.3
_CELL = 'import "github.com/google/uuid"'


async def measure(world: World, rounds: int) -> Result:
    """Ours, through the provisioner, against gophernotes as published."""
    ways = [kernels.ours(world), kernels.published(world)]
    taken = await interleaved({way.name: _import(way) for way in ways}, rounds)
    mine, theirs = ways
    compared = Comparison(
        _CELL, taken[mine.name], theirs.name, taken[theirs.name], Kind.RATIO, LIMIT
    )
    return Result(NAME, TITLE, (compared,))


def _import(start: Start) -> Take:
    async def take() -> float:
        async with running(start) as kernel:
            with undisturbed():
                return await kernel.seconds_of(_CELL)

    return take
