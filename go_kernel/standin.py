"""A kernel that says why there is no kernel.

Two kinds of clients can't be told by an exception: Jupyter Server's restart, whose
reply is always "Exception restarting kernel", and clients that know no provisioners,
which see a process end.  For them this stands in: it answers the protocol and gives the
sentence and its remedy as the error of every cell.  The next restart tries again.
ref: https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

from go_kernel import entry
from go_kernel._version import __version__

_ENAME = "GoKernelError"


def main(argv: Sequence[str] | None = None) -> int:
    """Serve a connection file until asked to shut down, or until the parent is gone."""
    parser = argparse.ArgumentParser(prog="go_kernel.standin")
    parser.add_argument("-f", dest="connection_file", required=True)
    parser.add_argument("--sentence", required=True)
    arguments = parser.parse_args(argv)
    connection = json.loads(Path(arguments.connection_file).read_bytes())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # there is never anything to interrupt
    _end_with_parent()
    StandIn(connection, arguments.sentence).serve()
    return 0


def command(connection_file: str, sentence: str) -> list[str]:
    """The argv that starts a stand-in with this Python."""
    return [*entry.command("standin"), "-f", connection_file, "--sentence", sentence]


class StandIn:
    """One kernel's sockets, and the sentence."""

    def __init__(self, connection: dict[str, Any], sentence: str):
        self.sentence = sentence
        self.session = Session(
            key=str(connection["key"]).encode(),
            signature_scheme=connection.get("signature_scheme", "hmac-sha256"),
        )
        self._context = zmq.Context()
        self._connection = connection
        self.shell = self._bound(zmq.ROUTER, "shell_port")
        self.control = self._bound(zmq.ROUTER, "control_port")
        self.stdin = self._bound(zmq.ROUTER, "stdin_port")
        self.heartbeat = self._bound(zmq.REP, "hb_port")
        self.iopub = self._bound(zmq.PUB, "iopub_port")
        self._count = 0

    def _bound(self, kind: int, port: str) -> zmq.Socket[bytes]:
        found = self._connection
        separator = "-" if found["transport"] == "ipc" else ":"
        own: zmq.Socket[bytes] = self._context.socket(kind)
        own.linger = 500
        own.bind(f"{found['transport']}://{found['ip']}{separator}{found[port]}")
        return own

    def serve(self) -> None:
        """Answer until a shutdown is asked for."""
        poller = zmq.Poller()
        for one in (self.shell, self.control, self.heartbeat):
            poller.register(one, zmq.POLLIN)
        going = True
        while going:
            for ready, _ in poller.poll():
                if ready is self.heartbeat:
                    self.heartbeat.send(self.heartbeat.recv())
                else:
                    going = self._answer(ready) and going
        self._context.destroy(linger=500)

    def _answer(self, channel: zmq.Socket[bytes]) -> bool:
        """Answer one message; False after a shutdown."""
        try:
            identities, frames = self.session.feed_identities(channel.recv_multipart())
            request: dict[str, Any] = self.session.deserialize(frames)
        except (ValueError, TypeError, KeyError):
            return True  # malformed or wrongly signed: nothing of ours
        kind = request["header"]["msg_type"]
        self._status("busy", request)
        if kind == "execute_request":
            self._publish_error(request)
        reply = kind.replace("_request", "_reply")
        self.session.send(channel, reply, self._content(kind, request), request, identities)
        self._status("idle", request)
        return bool(kind != "shutdown_request")

    def _content(self, kind: str, request: dict[str, Any]) -> dict[str, Any]:
        answers: dict[str, Callable[[], dict[str, Any]]] = {
            "kernel_info_request": self._info,
            "shutdown_request": lambda: {"status": "ok", **request["content"]},
            "is_complete_request": lambda: {"status": "unknown"},
            "comm_info_request": lambda: {"status": "ok", "comms": {}},
            "history_request": lambda: {"status": "ok", "history": []},
            "interrupt_request": lambda: {"status": "ok"},
        }
        return answers.get(kind, self._error)()

    def _info(self) -> dict[str, Any]:
        return {
            "status": "ok",
            "protocol_version": "5.3",
            "implementation": "jupyter-gokernel",
            "implementation_version": __version__,
            "language_info": {
                "name": "go",
                "version": "",
                "mimetype": "text/x-go",
                "file_extension": ".go",
                "pygments_lexer": "go",
            },
            "banner": self.sentence,
            "help_links": [],
        }

    def _error(self) -> dict[str, Any]:
        return {
            "status": "error",
            "ename": _ENAME,
            "evalue": self.sentence,
            "traceback": [self.sentence],
            "execution_count": self._count,
            "user_expressions": {},
            "payload": [],
        }

    def _publish_error(self, request: dict[str, Any]) -> None:
        self._count += 1
        shown = {"code": request["content"].get("code", ""), "execution_count": self._count}
        self.session.send(self.iopub, "execute_input", shown, request)
        error = {key: self._error()[key] for key in ("ename", "evalue", "traceback")}
        self.session.send(self.iopub, "error", error, request)

    def _status(self, state: str, request: dict[str, Any]) -> None:
        self.session.send(self.iopub, "status", {"execution_state": state}, request)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            threading.Event().wait(1.0)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
