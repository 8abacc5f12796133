"""Threads for what blocks for long: the shared ones belong to kernels' launches."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any


async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    """What a call gives back, made in a thread of its own that keeps nobody from ending."""
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
        try:
            result = call(*arguments)
        except BaseException as error:
            failed = error
        with suppress(RuntimeError):  # the loop has ended before us
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=work, daemon=True).start()
    return await future
