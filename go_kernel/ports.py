"""Has the kernel opened its ports?

A client that connects before a kernel listens waits for ZeroMQ's reconnect interval,
100 ms, several times what our kernels take to start.  So a launch returns once the
ports are open.  On Linux the kernel's own table of sockets tells, without touching the
ports; elsewhere a connection is tried.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

_LISTEN = "0A"
_TABLES = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.02


def wait_until_open(
    ip: str, ports: Iterable[int], *, timeout: float, alive: Callable[[], bool]
) -> bool:
    """Wait until all `ports` of `ip` are listened on.

    Gives up after `timeout` seconds, or when `alive` says that nobody is left to open
    them; returns whether they are open.  Blocks: call it in a thread.
    """
    wanted = set(ports)
    end = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while True:
        if wanted <= _open_ports(ip, wanted):
            return True
        if time.monotonic() > end or not alive():
            return False
        time.sleep(pause)
        pause = min(pause * 1.2, _LONGEST_PAUSE)


def _open_ports(ip: str, wanted: set[int]) -> set[int]:
    tables = [text for table in _TABLES if (text := _read(table)) is not None]
    if tables:
        return {port for text in tables for port in _listened(text)}
    return {port for port in wanted if _accepts(ip, port)}


def _read(table: Path) -> str | None:
    with suppress(OSError):
        return table.read_text("ascii")
    return None


def _listened(table: str) -> Iterable[int]:
    """The ports in state LISTEN; ref: https://docs.kernel.org/networking/proc_net_tcp.html."""
    for line in table.splitlines()[1:]:
        fields = line.split(None, 4)
        if len(fields) > 3 and fields[3] == _LISTEN:
            yield int(fields[1].rpartition(":")[2], 16)


def _accepts(ip: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((ip, port), timeout=0.2):
        return True
    return False
