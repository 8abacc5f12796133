"""A program run where there is no network: in a network namespace that has loopback and no more.

Files, users and processes stay the machine's.  Root needs a network namespace only; who isn't
root gets one in a user namespace, in which they stay who they are and win no rights.

    python -m tests.offline.nonet -- argv ...

becomes argv there, after it has seen for itself that nothing can be reached.
ref: https://man7.org/linux/man-pages/man7/network_namespaces.7.html
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.hub import passable

# ref: <sched.h>, <linux/sockios.h>, <linux/if.h>
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_GET_FLAGS, _SET_FLAGS = 0x8913, 0x8914
_UP, _LOOPBACK = 0x1, 0x8
_INTERFACE = struct.Struct("16sh14x")
# Addresses that are kept for documentation; the first would be asked for names, too.
_OUTSIDE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
# It has to start where nothing of this project is on Python's path.
_PROGRAM = (
    f"import sys; sys.path.insert(0, {str(passable.ROOT)!r}); "
    "from tests.offline import nonet; nonet.main(sys.argv[1:])"
)


def command(
    argv: Sequence[str | Path], *, uid: int | None = None, needs: Sequence[Path] = ()
) -> list[str]:
    """The argv that runs `argv` without a network.

    With `uid`, root runs it as that user, in a user namespace of theirs, and with `needs` in
    their reach.
    """
    inside = [sys.executable, "-c", _PROGRAM, "--", *map(str, argv)]
    if uid in (None, os.geteuid()):
        return inside
    assert uid is not None
    return passable.command(inside, uid=uid, needs=needs)


@cache
def cannot(uid: int | None = None) -> str:
    """Why no program can be run so here; "" where it can."""
    if uid not in (None, os.geteuid()) and (reason := passable.refusal()):
        return reason
    tried = subprocess.run(
        command(["/bin/true"], uid=uid), capture_output=True, text=True, timeout=60, check=False
    )
    return tried.stderr.strip()[-300:] if tried.returncode else ""


def main(argv: Sequence[str]) -> None:
    """Leave the network, prove it, become the program."""
    program = [word for number, word in enumerate(argv) if number or word != "--"]
    try:
        leave_the_network()
    except OSError as error:
        sys.exit(f"nonet: no network namespace can be made here: {error}.")
    if found := network():
        sys.exit(f"nonet: there is a network: {'; '.join(found)}.")
    os.execv(shutil.which(program[0]) or program[0], program)


def leave_the_network() -> None:
    """Have nothing but loopback in this process and its children; raises OSError."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        _unshare(_CLONE_NEWNET)
    else:
        _unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
        # Whoever maps a group must first do without changing groups.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _raise_loopback()


def network() -> list[str]:
    """What there is of a network beside loopback; nothing where there is none."""
    return [*_interfaces(), *_routes(), *_reached()]


def _interfaces() -> list[str]:
    """Interfaces that are up; the kernel may put tunnels into each namespace, which are down."""
    up = [name for _, name in socket.if_nameindex() if _flags(name) & (_UP | _LOOPBACK) == _UP]
    return [f"interface {name} is up" for name in up]


def _routes() -> list[str]:
    lines = Path("/proc/self/net/route").read_text().splitlines()[1:]
    return [f"there is a route: {line.split()[0]}" for line in lines]


def _reached() -> list[str]:
    """Addresses to which a packet would be sent: connecting a datagram socket looks for a way."""
    found = []
    for address, family in _OUTSIDE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address, 53))
        except OSError as error:
            if error.errno in _NO_WAY:
                continue
            raise
        found.append(f"there is a way to {address}")
    return found


def _flags(name: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = _INTERFACE.pack(name.encode(), 0)
        return int(_INTERFACE.unpack(fcntl.ioctl(any_socket, _GET_FLAGS, asked))[1])


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, _INTERFACE.pack(b"lo", _flags("lo") | _UP))


def _unshare(flags: int) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"unshare: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
