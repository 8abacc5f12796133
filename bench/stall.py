"""A server extension for measuring: how long the event loop was kept from going on.

Loaded into the measured server beside ours.  A callback asks to be called again after a
millisecond; what it is late by, somebody else's work took.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

_STEP = 0.001


class Watch:
    """The longest delay since it was last asked, in seconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self._loop = loop
        self._due = time.perf_counter()
        self._longest = 0.0
        self._again()

    def taken(self) -> float:
        """The longest delay; forgotten by asking."""
        longest, self._longest = self._longest, 0.0
        return longest

    def _again(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._due)
        self._due = now + _STEP
        self._loop.call_later(_STEP, self._again)


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
