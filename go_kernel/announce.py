"""Events about kernels, for whoever listens: the panel, a log, an administrator.

Where a Jupyter Server is above us its event bus takes them; elsewhere nobody listens
and nothing happens.  An event never makes a launch fail.
ref: https://jupyter-events.readthedocs.io
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCHEMA_ID = "https://events.jupyter-gokernel.invalid/kernel/v1"
_SCHEMA = Path(__file__).parent / "events" / "kernel-v1.yaml"

log = logging.getLogger(__name__)


def event_logger_above(traits: Any) -> Any | None:
    """The event bus of the nearest parent that has one; None where none has."""
    while traits is not None:
        found = getattr(traits, "event_logger", None)
        if found is not None:
            return found
        traits = getattr(traits, "parent", None)
    return None


def server_above(traits: Any) -> bool:
    """Whether some parent is part of a Jupyter Server."""
    while traits is not None:
        if type(traits).__module__.split(".")[0] in ("jupyter_server", "notebook", "jupyterlab"):
            return True
        traits = getattr(traits, "parent", None)
    return False


def announce(bus: Any | None, event: Mapping[str, object]) -> None:
    """Put an event on the bus, if there is one."""
    if bus is None:
        return
    try:
        if SCHEMA_ID not in bus.schemas:
            bus.register_event_schema(_SCHEMA)
        bus.emit(schema_id=SCHEMA_ID, data=dict(event))
    except Exception:
        log.debug("the event %s could not be announced", event, exc_info=True)
