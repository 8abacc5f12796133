"""What a kernel costs while it is used: a cell's way there and back, and memory.

No budget speaks of these; they are shown beside the peers'.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.interleave import Take, interleaved, undisturbed
from bench.peers import kernels
from bench.result import Comparison, Kind, Result
from bench.starts import Running, Start, running
from bench.world import World

NAME = "cells"
TITLE = "a cell there and back, and memory"
_WARM_UP = 3
# How each is asked to compute and print.
_GO = "fmt.Println(6 * 7)"
_CELLS: Mapping[str, tuple[str, str]] = {
    "ipykernel": ("", "print(6 * 7)"),
    "GoNB": ("", f"%%\n{_GO}"),
}
_OTHERS = ('import "fmt"', _GO)
_MEGABYTE = 1e6


async def measure(world: World, rounds: int) -> Result:
    """One kernel of each, all of them running, asked in turn."""
    starts = [
        kernels.ours(world),
        kernels.published(world),
        kernels.gonb(world),
        kernels.ipykernel(world),
    ]
    return await _together(starts, {}, rounds)


async def _together(starts: list[Start], running_ones: dict[str, Running], rounds: int) -> Result:
    """Start them one inside the other, then ask."""
    if starts:
        async with running(starts[0]) as one:
            await one.seconds_of(_cells(one)[0])
            return await _together(starts[1:], {**running_ones, one.start.name: one}, rounds)
    taken = await interleaved(
        {name: _cell(one) for name, one in running_ones.items()}, rounds, warm_ups=_WARM_UP
    )
    memory = {name: one.memory() / _MEGABYTE for name, one in running_ones.items()}
    peers = [name for name in taken if name != kernels.OURS]
    compared = tuple(
        Comparison(_GO, taken[kernels.OURS], peer, taken[peer], Kind.RATIO, None) for peer in peers
    )
    notes = [
        f"memory of {name}: {size:.0f} MB, {memory[kernels.OURS] / size:.2f} of it is ours"
        for name, size in memory.items()
    ]
    return Result(NAME, TITLE, compared, tuple(notes))


def _cells(kernel: Running) -> tuple[str, str]:
    return _CELLS.get(kernel.start.name, _OTHERS)


def _cell(kernel: Running) -> Take:
    async def take() -> float:
        with undisturbed():
            return await kernel.seconds_of(_cells(kernel)[1])

    return take
