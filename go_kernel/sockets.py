"""Listening sockets that a kernel inherits.

A client that connects before a kernel listens waits for ZeroMQ's reconnect interval of
100 ms.  Sockets that are listening before the kernel starts take connections at once,
and the kernel answers when it is there; so nobody has to wait for the ports, and no
other program can take them between their choice and their use.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

VARIABLE = "GOKERNEL_SOCKETS"
_BACKLOG = 128


@contextmanager
def listening(ip: str, ports: Iterable[int]) -> Iterator[list[int]]:
    """Descriptors of sockets that listen on `ports`; closed here afterwards.

    Raises OSError where a port can't be had.
    """
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    with ExitStack() as stack:
        descriptors = []
        for port in ports:
            one = stack.enter_context(socket.socket(family))
            # A restarted kernel gets the ports of the one before it.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((ip, port))
            one.listen(_BACKLOG)
            descriptors.append(one.fileno())
        yield descriptors


def can_be_handed_down(transport: str, ip: str) -> bool:
    """Whether the kernel will recognise such sockets: it knows them by numeric address."""
    try:
        return transport == "tcp" and not ipaddress.ip_address(ip).is_unspecified
    except ValueError:
        return False


# In GoKernelProvisioner.launch_kernel, for an engine that takes sockets (gophernotes, tcp):
#     with sockets.listening(info["ip"], [info[name] for name in _PORTS]) as descriptors:
#         kwargs["env"] = {**kwargs["env"], sockets.VARIABLE: ",".join(map(str, descriptors))}
#         info = await super().launch_kernel(cmd, pass_fds=descriptors, **kwargs)
#     # no _until_ready(): the ports are open.  OSError from listening(): launch without, and wait.
