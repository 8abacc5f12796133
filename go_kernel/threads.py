"""Threads for what blocks: they keep no process from ending, and get a moment to tidy up.

Those of `asyncio.to_thread` do: Python waits for each when it ends, whatever it is at, and a
server that was told to end stayed until the engine was built that nobody waited for any more.
ref: https://github.com/python/cpython/blob/v3.13.0/Lib/concurrent/futures/thread.py#L22-L35
"""

from __future__ import annotations

import asyncio
import atexit
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from go_kernel import process

# For launches to put away what they have begun when the interpreter ends, in seconds, all
# together: what they wait for is ended, and what is left of a hard end is swept later.
_TIDYING = 2.0

_tidying: set[threading.Thread] = set()


async def in_thread(call: Callable[..., Any], *arguments: Any, tidies: bool = False) -> Any:
    """What a call gives back, made in a thread of its own that keeps nobody from ending.

    With `tidies`, the end of the interpreter gives it a moment once its programs were ended.
    Raises RuntimeError where the interpreter ends and starts no threads any more.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def work() -> None:
        result, failed = None, None
        if tidies:
            _tidying.add(threading.current_thread())
        try:
            result = call(*arguments)
        except BaseException as error:
            failed = error
        _tidying.discard(threading.current_thread())
        with suppress(RuntimeError):  # the loop has ended before us
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=work, daemon=True).start()
    return await future


@atexit.register
def _end() -> None:
    """End the programs that are waited for, and let those tidy up who waited."""
    process.end_all()
    until = time.monotonic() + _TIDYING
    for thread in list(_tidying):
        thread.join(max(0.0, until - time.monotonic()))
