"""A proxy between Go and a real one that does what networks and servers do on bad days.

Everything is passed on as it comes, but for requests that a fault is set for.
"""

from __future__ import annotations

import http.client
import io
import socket
import struct
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Faulty:
    """The proxy in between: `behind` is the real one, `fault` what is wrong with it now.

    A fault is one of `FAULTS` or a status (`403`); it holds for addresses that end in `part`.
    """

    behind: str
    address: str = ""
    fault: str = ""
    part: str = ".zip"
    asked: list[str] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """The value for GOPROXY."""
        return f"http://{self.address}"

    def __call__(self, fault: str, part: str = ".zip") -> None:
        """Have this wrong from now on; "" for nothing."""
        self.fault, self.part = fault, part
        self.hanging.clear()


class _Handler(BaseHTTPRequestHandler):
    """One request: passed on, or spoilt."""

    def __init__(self, *args: Any, faulty: Faulty):
        self.faulty = faulty
        super().__init__(*args)

    def do_GET(self) -> None:
        self.faulty.asked.append(self.path)
        fault = self.faulty.fault if self.path.endswith(self.faulty.part) else ""
        if fault.isdigit():
            self._answer(int(fault), b"the proxy says no\n")
        elif fault:
            FAULTS[fault](self)
        else:
            self._answer(*self._behind())

    def _behind(self) -> tuple[int, bytes]:
        there = urlsplit(self.faulty.behind)
        connection = http.client.HTTPConnection(there.netloc, timeout=60)
        try:
            connection.request("GET", f"{there.path}{self.path}")
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, content: bytes, *, size: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(size or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def reset(self) -> None:
        """The connection is cut before a word is said."""
        # With this the kernel sends RST.  ref: man 7 socket, SO_LINGER
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def cut(self) -> None:
        """It is cut in the middle of the content."""
        status, content = self._behind()
        self._answer(status, content[: len(content) // 2], size=len(content))
        self.wfile.flush()
        self.close_connection = True

    def slow(self) -> None:
        """The content comes a little at a time, and all of it."""
        status, content = self._behind()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        step = max(1, len(content) // 20)
        for at in range(0, len(content), step):
            self.wfile.write(content[at : at + step])
            self.wfile.flush()
            self.faulty.over.wait(0.01)

    def hang(self) -> None:
        """Half of it comes, and then nothing for ever."""
        status, content = self._behind()
        self._answer(status, content[: len(content) // 2], size=len(content))
        self.wfile.flush()
        self.faulty.hanging.set()
        self.faulty.over.wait()
        self.close_connection = True

    def altered(self) -> None:
        """Bytes in the middle are others, as by bad memory on the way."""
        status, content = self._behind()
        middle = len(content) // 2
        self._answer(status, content[:middle] + b"\xff" * 64 + content[middle + 64 :])

    def truncated(self) -> None:
        """It is shorter, and the server says that this is all."""
        status, content = self._behind()
        self._answer(status, content[: len(content) // 2])

    def exchanged(self) -> None:
        """Another content than the author's, in good order: only its hash tells."""
        status, content = self._behind()
        if self.path.endswith(".mod"):
            self._answer(status, content + b"\n// something more\n")
            return
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
            for name in old.namelist():
                more = b"\n// something more\n" if name.endswith(".go") else b""
                new.writestr(name, old.read(name) + more)
        self._answer(status, made.getvalue())

    def login(self) -> None:
        """A page comes in its place, as from a network that wants a log-in first."""
        self._answer(200, b"<!doctype html><title>Welcome to our network</title>\n" * 9)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


FAULTS = {
    name: getattr(_Handler, name)
    for name in ("reset", "cut", "slow", "hang", "altered", "truncated", "exchanged", "login")
}


STATUSES = ("401", "403", "404", "410", "500")


class _Server(ThreadingHTTPServer):
    """One whose clients may go away when they like."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: it is what faults are made of."""


@contextmanager
def between(behind: str) -> Iterator[Faulty]:
    """A proxy in front of the one at `behind`, without a fault yet."""
    faulty = Faulty(behind.rstrip("/"))
    with _Server(("127.0.0.1", 0), partial(_Handler, faulty=faulty)) as server:
        faulty.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield faulty
        finally:
            faulty.over.set()
            server.shutdown()
            thread.join()
