"""Events about kernels, on a real event bus."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_events import EventLogger

from go_kernel import announce

EVENT = {"action": "failed", "kernel_id": "1", "environment": "demo", "message": "It is gone."}


async def _heard(*events: dict[str, Any]) -> list[dict[str, Any]]:
    bus = EventLogger()
    heard: list[dict[str, Any]] = []

    async def listen(logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    announce.announce(bus, EVENT)  # the first one brings the schema along
    bus.add_listener(schema_id=announce.SCHEMA_ID, listener=listen)
    for event in events:
        announce.announce(bus, event)
    await bus.gather_listeners()
    return heard


def test_a_listener_hears_of_it() -> None:
    """The event arrives as it was said, finding's id included."""
    more = {**EVENT, "finding": "toolchain.missing"}

    assert asyncio.run(_heard(EVENT, more)) == [EVENT, more]


def test_a_death_can_be_heard_of() -> None:
    """A kernel that ended by itself is announced as such."""
    died = {**EVENT, "action": "died", "message": "The kernel had ended: panic: x."}

    assert asyncio.run(_heard(died)) == [died]


def test_a_bad_event_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """A launch goes on; the log says so at debug level."""
    with caplog.at_level(logging.DEBUG, logger="go_kernel.announce"):
        heard = asyncio.run(_heard({"action": "no such"}))

    assert heard == []
    assert "could not be announced" in caplog.text


def test_nobody_listens_without_a_server() -> None:
    """A client of its own has no event bus, and is no server."""
    alone = SimpleNamespace(parent=SimpleNamespace(parent=None))

    assert announce.event_logger_above(alone) is None
    assert not announce.server_above(alone)
    announce.announce(None, EVENT)


def test_the_bus_is_found_above() -> None:
    """As a kernel manager finds its server's."""
    bus = EventLogger()
    above = SimpleNamespace(parent=SimpleNamespace(parent=None, event_logger=bus))

    assert announce.event_logger_above(above) is bus
