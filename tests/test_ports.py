"""Waiting for ports, with real sockets."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from go_kernel import ports


@pytest.fixture(params=["the system's table", "connecting"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of finding out; the second is what macOS has."""
    if request.param == "connecting":
        monkeypatch.setattr(ports, "_listening", lambda: None)


@pytest.mark.usefixtures("_way")
def test_it_returns_when_the_last_port_opens() -> None:
    """Not when the first one does."""
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        first.listen()
        numbers = [one.getsockname()[1] for one in (first, second)]
        opened = threading.Event()

        def later() -> None:
            time.sleep(0.15)
            opened.set()
            second.listen()

        threading.Thread(target=later).start()

        assert ports.wait_until_open("127.0.0.1", numbers, timeout=20, alive=lambda: True)
        assert opened.is_set()


@pytest.mark.usefixtures("_way")
def test_it_gives_up_when_nobody_is_left() -> None:
    """A kernel that died is not waited for."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        number = bound.getsockname()[1]

        begin = time.monotonic()
        assert not ports.wait_until_open("127.0.0.1", [number], timeout=60, alive=lambda: False)
        assert time.monotonic() - begin < 30


@pytest.mark.usefixtures("_way")
def test_it_gives_up_after_the_limit() -> None:
    """A kernel that never listens doesn't hold a launch for ever."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))

        number = bound.getsockname()[1]
        assert not ports.wait_until_open("127.0.0.1", [number], timeout=0.1, alive=lambda: True)
