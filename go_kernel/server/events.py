"""What the server tells those who listen: new findings, and how tasks get on."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from go_kernel import announce

SCHEMA_ID = "https://events.jupyter-gokernel.invalid/health/v1"
KERNEL_SCHEMA_ID = announce.SCHEMA_ID
_FOLDER = Path(announce.__file__).parent / "events"

log = logging.getLogger(__name__)


def register(bus: Any) -> None:
    """Bring our schemas along: who subscribes hears only of those that are there by then."""
    for id, file in ((SCHEMA_ID, "health-v1.yaml"), (KERNEL_SCHEMA_ID, "kernel-v1.yaml")):
        if id not in bus.schemas:
            bus.register_event_schema(_FOLDER / file)


def emit(bus: Any, **event: str) -> None:
    """Put one event on the bus; a failure hurts nobody."""
    whole = {"environment": "", "status": "", "task": "", "state": "", "message": "", **event}
    try:
        bus.emit(schema_id=SCHEMA_ID, data=whole)
    except Exception:
        log.debug("the event %s could not be announced", event, exc_info=True)
