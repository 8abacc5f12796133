"""Work that a few threads do behind the one that reads, never much at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 4


class Crew(Generic[T]):
    """Runs functions that give lists, in threads: zlib and hashes leave Python's lock alone.

    Where as many wait as there are threads, `do` waits for the first: what they hold in
    memory stays bounded.  Leaving the block by an error drops what hasn't begun.
    """

    def __init__(self) -> None:
        self._threads = min(_MOST, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._threads, "gokernel-bundle")
        self._pending: deque[Future[list[T]]] = deque()
        self._results: list[T] = []

    def do(self, work: Callable[[], Iterable[T]]) -> None:
        """Have it done; raises what earlier work raised."""
        if len(self._pending) > self._threads:
            self._results += self._pending.popleft().result()
        self._pending.append(self._pool.submit(lambda: list(work())))

    def results(self) -> list[T]:
        """Wait for all of it; raises what it raised."""
        while self._pending:
            self._results += self._pending.popleft().result()
        return self._results

    def __enter__(self) -> Crew[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
