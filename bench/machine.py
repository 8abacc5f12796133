"""What the figures were measured on, and who else was using it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ipykernel brings it

_DISTRIBUTIONS = (
    *("jupyter-gokernel", "jupyter_client", "pyzmq", "tornado", "traitlets"),
    *("ipykernel", "py-rattler"),
)


def machine() -> dict[str, object]:
    """Processor, cores, memory, system and load, as plain data."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": platform.platform(),
        "load": [round(one, 2) for one in os.getloadavg()],
    }


def versions(more: Mapping[str, str]) -> dict[str, str]:
    """Versions of Python and of what takes part, and those that only the caller knows."""
    found = {"python": platform.python_version(), **more}
    for name in _DISTRIBUTIONS:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


class Others:
    """How much of the machine was used by others than us since this was made."""

    def __init__(self) -> None:
        self._busy, self._all, self._own = _busy(), time.monotonic(), _own()

    def share(self) -> float:
        """From 0 (nobody else was there) to 1."""
        capacity = (time.monotonic() - self._all) * (os.cpu_count() or 1)
        used = (_busy() - self._busy) - (_own() - self._own)
        return min(1.0, max(0.0, used / capacity)) if capacity else 0.0


def _busy() -> float:
    """Seconds that all cores together have worked."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - _counted_twice(times))


def _counted_twice(times: object) -> float:
    # Linux counts a guest's time as the host's user time too.
    return sum(getattr(times, name, 0.0) for name in ("guest", "guest_nice"))


def _own() -> float:
    """Seconds that we and the processes that we have waited for have worked."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
