"""Has the kernel opened its ports?

A client that connects before a kernel listens waits for ZeroMQ's reconnect interval,
100 ms, several times what our kernels take to start.  So a launch returns once the
ports are open.  On Linux the system is asked for its listening sockets, without
touching the ports; elsewhere a connection is tried.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

# Asking takes some 0.03 ms, so the pauses may be short against what a kernel takes.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.02

# NETLINK_SOCK_DIAG: one request lists the sockets in state LISTEN and nothing else.
# /proc/net/tcp has them too, but walks the table of established connections for it,
# whose size grows with the machine's memory: 3.5 ms a look with 24 GB.
# ref: https://man7.org/linux/man-pages/man7/sock_diag.7.html
_SOCK_DIAG = 4
_BY_FAMILY = 20
_REQUEST_DUMP = 0x301
_DONE, _ERROR = 3, 2
_LISTEN = 1 << 10
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_QUERY = struct.Struct("=BBBxI48x")  # family, protocol, extensions, states, socket id
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


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
        pause = min(pause * 1.05, _LONGEST_PAUSE)


def _open_ports(ip: str, wanted: set[int]) -> set[int]:
    listening = _listening()
    if listening is None:
        return {port for port in wanted if _accepts(ip, port)}
    return listening


def _listening() -> set[int] | None:
    """The TCP ports that are listened on; None where the system can't be asked."""
    try:
        # Not on every system, nor in every sandbox: hence the other way.
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as link:
            link.settimeout(1.0)
            return {port for family in _FAMILIES for port in _dump(link, family)}
    except (AttributeError, OSError, struct.error):
        return None


def _dump(link: socket.socket, family: int) -> Iterator[int]:
    query = _QUERY.pack(family, socket.IPPROTO_TCP, 0, _LISTEN)
    link.send(_HEADER.pack(_HEADER.size + len(query), _BY_FAMILY, _REQUEST_DUMP, 1, 0) + query)
    while True:
        answer = link.recv(1 << 16)
        at = 0
        while at < len(answer):
            length, kind, *_ = _HEADER.unpack_from(answer, at)
            if kind == _DONE:
                return
            if kind == _ERROR:
                raise OSError("the listening sockets can't be listed")
            # inet_diag_msg: four bytes, then the port in network order.
            yield struct.unpack_from("!H", answer, at + _HEADER.size + 4)[0]
            at += (max(length, _HEADER.size) + 3) & ~3


def _accepts(ip: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((ip, port), timeout=0.2):
        return True
    return False
