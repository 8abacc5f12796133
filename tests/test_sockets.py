"""Sockets that listen before the kernel does."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from go_kernel import sockets
from tests.conftest import CondaPrefix
from tests.kernels import install, manager

_INHERITOR = """
import socket, sys
with socket.socket(fileno=int(sys.argv[1])) as listener:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"hello")
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_client_may_come_before_the_kernel() -> None:
    """Its connection waits, and is answered by whoever inherits the socket."""
    port = _free_port()
    with sockets.listening("127.0.0.1", [port]) as (descriptor,):
        client = socket.create_connection(("127.0.0.1", port), timeout=20)
        kernel = subprocess.Popen(
            [sys.executable, "-c", _INHERITOR, str(descriptor)], pass_fds=[descriptor]
        )
    with client:
        assert client.recv(5) == b"hello"
    assert kernel.wait(20) == 0


def test_nothing_is_left_listening() -> None:
    """Once the kernel has them, the starter's copies are closed: the port ends with it."""
    ports = [_free_port() for _ in range(3)]
    with sockets.listening("127.0.0.1", ports):
        pass

    # Any other program may take one of them at any moment; hardly all.
    assert any(_refuses(port) for port in ports)


def _refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_taken_port_is_an_error_and_leaves_none_open() -> None:
    """The ports before it are given back."""
    free = _free_port()
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        taken = taker.getsockname()[1]

        with pytest.raises(OSError), sockets.listening("127.0.0.1", [free, taken]):  # noqa: PT011
            pass

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", free), timeout=20)


@pytest.mark.parametrize(
    ("transport", "ip", "expected"),
    [
        ("tcp", "127.0.0.1", True),
        ("tcp", "::1", True),
        ("tcp", "0.0.0.0", False),
        ("tcp", "localhost", False),
        ("ipc", "/run/kernel", False),
    ],
)
def test_only_what_the_kernel_recognises(transport: str, ip: str, expected: bool) -> None:
    """It knows its sockets by their numeric address."""
    assert sockets.can_be_handed_down(transport, ip) is expected


def test_a_kernel_whose_port_is_taken_says_so(
    tmp_path: Path, clean_env: dict[str, str], dev_cache: Path, conda_prefix: CondaPrefix
) -> None:
    """Another program on one of its ports: one sentence instead of a kernel that hangs."""
    name = install(tmp_path, prefix=str(conda_prefix("go=1.27")))
    owner = manager(tmp_path, name)
    with socket.socket() as taker:
        taker.bind(("127.0.0.1", 0))
        taker.listen()
        owner.cache_ports = False
        owner.shell_port = taker.getsockname()[1]

        with pytest.raises(Exception, match="ended as soon as it was started") as caught:
            owner.start_kernel(env={**clean_env, "GOKERNEL_STORE": str(dev_cache / "engines")})

    assert "\n" not in str(caught.value)
    assert not owner.has_kernel
    owner.cleanup_resources()
    owner.context.destroy(linger=0)
