"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

_DISTRIBUTIONS = (
    *("jupyter-gokernel", "jupyter_client", "pyzmq", "tornado", "traitlets"),
    *("ipykernel", "py-rattler"),
)


def machine() -> dict[str, object]:
    """Processor, cores, system and load, as plain data."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
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


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
