"""Waiting for processes that are nobody's children any more."""

from __future__ import annotations

import os
import select

import psutil


def has_ended(pid: int, *, seconds: float = 10.0) -> bool:
    """Whether a process ends within that time (a zombie that nobody reaps has ended)."""
    if not hasattr(os, "pidfd_open"):  # not Linux
        return not psutil.wait_procs([psutil.Process(pid)], timeout=seconds)[1]
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)
