"""How long a tight loop goes on after it was interrupted, and that its variable is still there.

The loop is in the same kernel for all tries: state is kept from one to the next.
"""

from __future__ import annotations

import time

from bench.interleave import undisturbed
from bench.peers import kernels
from bench.result import Comparison, Kind, Result
from bench.samples import Samples
from bench.starts import Running, running
from bench.world import World

NAME = "interrupt"
TITLE = "interrupt of a tight loop, until the reply, state kept"
LIMIT = 0.100
_TRIES = 100
_LOOP = "for { x++ }"


async def measure(world: World, rounds: int) -> Result:
    """A hundred tries, or as many as there are rounds, if those are more."""
    async with running(kernels.ours(world)) as kernel:
        await kernel.seconds_of("x := 0")
        seconds = [await _interrupted(kernel) for _ in range(max(_TRIES, rounds))]
        await kernel.seconds_of('if x <= 0 { panic("x was lost") }')
    compared = Comparison(
        f"{_LOOP}, {len(seconds)} tries",
        Samples(tuple(seconds)),
        "the budget",
        None,
        Kind.P99,
        LIMIT,
    )
    return Result(NAME, TITLE, (compared,))


async def _interrupted(kernel: Running) -> float:
    sent = kernel.client.execute(_LOOP)
    while True:
        message = await kernel.client.get_iopub_msg(timeout=10)
        ours = message["parent_header"].get("msg_id") == sent
        if ours and message["msg_type"] == "execute_input":
            break
    with undisturbed():
        begin = time.perf_counter()
        await kernel.manager.interrupt_kernel()
        await kernel.reply_to(sent, status="error")
        return time.perf_counter() - begin
