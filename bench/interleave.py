"""Takes measurements of several ways in turn, so that whatever the machine does hits all alike."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from bench.samples import Samples

WARM_UPS = 2

Take = Callable[[], Awaitable[float]]


async def interleaved(
    ways: Mapping[str, Take], rounds: int, *, warm_ups: int = WARM_UPS
) -> dict[str, Samples]:
    """Take each way `rounds` times; each call gives back seconds.

    Each round begins with the next way, so that none always follows the same other one.
    Warm-ups are rounds that don't count.  Whatever a way raises goes through.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(warm_ups + rounds):
        at = turn % len(names)
        for name in names[at:] + names[:at]:
            seconds = await ways[name]()
            if turn >= warm_ups:
                taken[name].append(seconds)
    return {name: Samples(tuple(seconds)) for name, seconds in taken.items()}


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep Python's own garbage collection out of what is timed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
