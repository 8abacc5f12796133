"""Requests to worker processes: each listened to in a thread, and ended where need be."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from go_kernel import entry
from go_kernel.server.children import Child
from go_kernel.server.errors import Told, WorkerDied
from go_kernel.threads import in_thread

# For a fix to put away what it has begun, in seconds.
_TIDYING = 5.0
_LOGGED_LINES = 50

Line = Mapping[str, Any]


class Worker:
    """One request to a worker process; `hear` is called on the loop with each line.

    `printed` holds the end of what the process printed besides.
    """

    def __init__(self, request: Mapping[str, object], hear: Callable[[Line], None]):
        self.printed: deque[str] = deque(maxlen=_LOGGED_LINES)
        self._request, self._hear = request, hear
        self._child: Child | None = None
        self._lock = threading.Lock()
        self._unwanted = False

    async def run(self, seconds: float) -> None:
        """From the start to the end; raises Told, WorkerDied, and asyncio.TimeoutError.

        A worker that takes longer, or whose caller is cancelled, ends.
        """
        live = asyncio.ensure_future(in_thread(self._live, asyncio.get_running_loop()))
        try:
            await asyncio.wait_for(asyncio.shield(live), seconds)
        except BaseException:
            await asyncio.shield(in_thread(self.end))
            with suppress(Exception):
                await live
            raise

    def end(self) -> None:
        """End the process and all below it; returns once they are gone."""
        with self._lock:
            self._unwanted = True
        if self._child is not None:
            self._child.end()

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        child = self._start()
        if child is None:
            return
        drain = threading.Thread(target=self._drain, args=(child,), daemon=True)
        drain.start()
        try:
            with suppress(BrokenPipeError):
                child.stdin.write(json.dumps(self._request).encode() + b"\n")
                child.stdin.flush()  # and kept open: the worker lives as long as we do
            if not self._listen(child, loop):
                raise WorkerDied(child.wait())
        finally:
            for pipe in (child.stdin, child.stdout):
                with suppress(BrokenPipeError):
                    pipe.close()
            child.wait()
            drain.join(_TIDYING)

    def _start(self) -> Child | None:
        with self._lock:
            if not self._unwanted:
                tidying = _TIDYING if self._request["action"] == "fix" else 0.0
                self._child = Child(entry.command("health.worker"), tidying=tidying)
            return self._child

    def _listen(self, child: Child, loop: asyncio.AbstractEventLoop) -> bool:
        for raw in child.stdout:
            try:
                line = json.loads(raw)
            except ValueError:  # half a line, of one that was ended
                return False
            if "error" in line:
                raise Told(line["error"])
            if "done" in line:
                return True
            with suppress(RuntimeError):  # the loop has ended before us
                loop.call_soon_threadsafe(self._hear, line)
        return False

    def _drain(self, child: Child) -> None:
        with child.stderr as stderr:
            for line in stderr:
                self.printed.append(line.decode("utf-8", "replace").rstrip("\n"))
