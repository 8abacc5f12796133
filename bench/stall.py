"""A server extension for measuring: how long the event loop was kept from going on.

Loaded into the measured server beside ours.  A callback asks to be called again after a
millisecond; what it is late by, somebody else's work took.  Where the kernel tells (Linux),
the time is counted besides that the loop waited for a processor: without it, what is left
is the server's own doing, however busy the machine is.
ref: https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

_STEP = 0.001
_SCHEDSTAT = Path("/proc/thread-self/schedstat")


class Watch:
    """The longest delay since it was last asked, and the longest of its own, in seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self._loop = loop
        self._due = time.perf_counter()
        self._waited = _waited()
        self._longest = self._own = 0.0
        self._again()

    def taken(self) -> tuple[float, float]:
        """The longest delays; forgotten by asking."""
        longest, own = self._longest, self._own
        self._longest = self._own = 0.0
        return longest, own

    def _again(self) -> None:
        now = time.perf_counter()
        waited = _waited()
        late = max(0.0, now - self._due)
        self._longest = max(self._longest, late)
        self._own = max(self._own, late - (waited - self._waited))
        self._due, self._waited = now + _STEP, waited
        self._loop.call_later(_STEP, self._again)


def _waited() -> float:
    """Seconds that this thread was ready to run and had no processor."""
    try:
        return int(_SCHEDSTAT.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class StallHandler(APIHandler):
    """What the watch says."""

    def initialize(self, watch: Watch) -> None:
        """Called by tornado."""
        self._watch = watch

    @web.authenticated
    def get(self) -> None:
        """Seconds."""
        self.finish(json.dumps(self._watch.taken()))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bench.stall"}]


def _load_jupyter_server_extension(app: Any) -> None:
    path = url_path_join(app.base_url, "/bench/stall")

    def begin() -> None:
        watch = Watch(asyncio.get_running_loop())
        app.web_app.add_handlers(".*$", [(path, StallHandler, {"watch": watch})])

    app.io_loop.add_callback(begin)
