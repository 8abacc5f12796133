"""Work that may hang, off the event loop, bounded in threads and in time.

A network file system that hangs takes its thread with it for good.  So there is one
thread for one thing at a time, whoever asks for it: a hundred users who choose the same
environment wait for the same look, each for their own time, and one that hangs takes one
thread and stands in the way of no other.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from go_kernel.hub.errors import NoThread

T = TypeVar("T")


class Looks:
    """What is being looked at now, by its key."""

    def __init__(self) -> None:
        self._running: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    async def look(self, key: Hashable, call: Callable[[], T], seconds: float) -> T:
        """What `call` gives back, or what an equal one gives that runs already.

        Raises what it raises, TimeoutError after `seconds` (the call goes on then), and
        NoThread.
        """
        shared = asyncio.wrap_future(self._flight(key, call))
        # Nobody may be there any more when it fails.
        shared.add_done_callback(lambda done: done.cancelled() or done.exception())
        # Nobody's time limit, and nobody who gives up, ends what others wait for.
        await asyncio.wait({shared}, timeout=seconds)
        if not shared.done():
            raise TimeoutError
        result: T = shared.result()
        return result

    def _flight(self, key: Hashable, call: Callable[[], Any]) -> Future[Any]:
        with self._lock:
            running = self._running.get(key)
            if running is None:
                running = self._running[key] = Future()
                running.set_running_or_notify_cancel()  # from now on nobody cancels it
                try:
                    self._start(key, call, running)
                except RuntimeError as error:  # "can't start new thread"
                    # Who came later would wait for what nobody does.
                    del self._running[key]
                    raise NoThread from error
        return running

    def _start(self, key: Hashable, call: Callable[[], Any], future: Future[Any]) -> None:
        def work() -> None:
            try:
                result = call()
            except BaseException as error:
                self._end(key)
                future.set_exception(error)
            else:
                self._end(key)
                future.set_result(result)

        # No pool's thread: Python waits for those when it ends.
        threading.Thread(target=work, name="gokernel-hub", daemon=True).start()

    def _end(self, key: Hashable) -> None:
        with self._lock:
            del self._running[key]
