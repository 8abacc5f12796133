"""The processes that run at this moment: from /proc on Linux, from libproc on macOS.

A process is named by its number and the time it started: numbers come again.
Elsewhere the table is empty, and nobody is told from anybody.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process for ever: its number, and its start in the system's own units."""

    pid: int
    started: int


@dataclass(frozen=True)
class Running:
    """A process that runs (no zombie): who it is, its parent's number, its session's."""

    process: Process
    parent: int
    session: int


def running() -> list[Running]:
    """All processes that run."""
    return [found for pid in _pids() if (found := alive(pid))]


def alive(pid: int) -> Running | None:
    """The process that has this number, if one runs."""
    found = _look(pid)
    return found[0] if found and found[1] else None


def identity(pid: int) -> Process | None:
    """Who has this number now, a zombie included; None where nobody has."""
    found = _look(pid)
    return found[0].process if found else None


def carries(pid: int, name: str, value: str) -> bool:
    """Whether a process was started with this variable, as far as we may see."""
    wanted = os.fsencode(f"{name}={value}")
    return wanted in _environ(pid).split(b"\0")


if sys.platform == "darwin":
    # ref: https://github.com/apple-oss-distributions/xnu/blob/main/bsd/sys/proc_info.h
    _BSD_INFO, _ZOMBIE = 3, 5
    _CTL_KERN, _KERN_PROCARGS2 = 1, 49
    _LARGEST = 1 << 20  # of arguments and environment together
    _system = ctypes.CDLL(None)

    class _BsdInfo(ctypes.Structure):
        _fields_ = (
            *((name, ctypes.c_uint32) for name in ("flags", "status", "xstatus", "pid", "ppid")),
            *((f"user{i}", ctypes.c_uint32) for i in range(7)),
            *(("comm", ctypes.c_char * 16), ("name", ctypes.c_char * 32)),
            *((name, ctypes.c_uint32) for name in ("files", "pgid", "pjobc", "tdev", "tpgid")),
            *(("nice", ctypes.c_int32), ("seconds", ctypes.c_uint64), ("micros", ctypes.c_uint64)),
        )

    def _pids() -> Iterator[int]:
        room = _system.proc_listallpids(None, 0) + 100
        numbers = (ctypes.c_int * room)()
        count = _system.proc_listallpids(numbers, ctypes.sizeof(numbers))
        yield from (pid for pid in numbers[: max(count, 0)] if pid > 0)

    def _look(pid: int) -> tuple[Running, bool] | None:
        info = _BsdInfo()
        size = ctypes.sizeof(info)
        got = _system.proc_pidinfo(
            pid, _BSD_INFO, ctypes.c_uint64(0), ctypes.byref(info), ctypes.c_int(size)
        )
        if got != size:
            return None
        session = 0
        with suppress(OSError):
            session = os.getsid(pid)
        who = Process(pid, info.seconds * 1_000_000 + info.micros)
        return Running(who, info.ppid, session), info.status != _ZOMBIE

    def _environ(pid: int) -> bytes:
        name = (ctypes.c_int * 3)(_CTL_KERN, _KERN_PROCARGS2, pid)
        buffer = ctypes.create_string_buffer(_LARGEST)
        size = ctypes.c_size_t(_LARGEST)
        if _system.sysctl(name, 3, buffer, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
            return b""
        return buffer.raw[: size.value]

else:
    # ref: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    _STATE, _PARENT, _SESSION, _THREADS, _STARTED = 0, 1, 3, 17, 19

    def _pids() -> Iterator[int]:
        with suppress(OSError):
            yield from (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit())

    def _look(pid: int) -> tuple[Running, bool] | None:
        try:
            stat = Path(f"/proc/{pid}/stat").read_bytes()
        except OSError:
            return None
        # The second field, a name in parentheses, may hold anything.
        fields = stat[stat.rfind(b")") + 1 :].split()
        who = Process(pid, int(fields[_STARTED]))
        entry = Running(who, int(fields[_PARENT]), int(fields[_SESSION]))
        # A process that was killed is a zombie as soon as its first thread is gone; the
        # others may be at it still, and only with the last one has it ended.
        gone = fields[_STATE] in (b"Z", b"X") and int(fields[_THREADS]) <= 1
        return entry, not gone

    def _environ(pid: int) -> bytes:
        try:
            return Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return b""
