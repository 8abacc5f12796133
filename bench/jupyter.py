"""A Jupyter Server to measure, spoken to over one connection that stays open."""

from __future__ import annotations

import http.client
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel.findings import GoKernelError

_START_SECONDS = 60.0
_REPOSITORY = Path(__file__).parents[1]


class NoServer(GoKernelError):
    """A server that was to be measured doesn't answer as it should."""

    id = "bench.no-server"


@dataclass
class Server:
    """A running server."""

    port: int
    token: str
    env: Mapping[str, str]

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: object | None = None) -> Any:
        """The JSON of a reply; raises NoServer."""
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, sent, headers)
        reply = self._connection.getresponse()
        content = reply.read()
        if reply.status >= 300:
            raise NoServer(f"{method} {path}: {reply.status}", evidence=content.decode())
        return json.loads(content) if content else None

    @contextmanager
    def polled(self, *paths: str) -> Iterator[None]:
        """While fifty panels look at these paths, once a second each."""
        argv = [sys.executable, "-m", "bench.pollers", self.url, self.token, *paths]
        pollers = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(self.env)
        )
        assert pollers.stdin
        assert pollers.stdout
        with pollers.stdin, pollers.stdout:
            pollers.stdout.readline()
            yield
        if pollers.wait() != 0:
            raise NoServer("Not all panels had their answers.")

    def check(self) -> float:
        """Check everything; the seconds it took, all processes included."""
        task = self.ask("POST", "/gokernel/checks", {})
        begin = time.perf_counter()
        while True:
            found = self.ask("GET", f"/gokernel/tasks/{task['id']}")
            if found["state"] == "done":
                return time.perf_counter() - begin
            if found["state"] not in ("queued", "running"):
                raise NoServer(f"The checks ended as {found['state']}: {found['error']}")
            time.sleep(0.005)


@contextmanager
def serving(folder: Path, env: Mapping[str, str]) -> Iterator[Server]:
    """A server with our extension and `bench.stall`, until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    token, log = secrets.token_hex(16), folder / "server.log"
    extensions = {"go_kernel.server": True, "bench.stall": True, "jupyter_server_terminals": True}
    argv = [
        *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0"),
        *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"),
        *("--ip=127.0.0.1", f"--ServerApp.jpserver_extensions={extensions}"),
    ]
    own = {
        **env,
        "PYTHONPATH": str(_REPOSITORY),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_PATH": str(folder),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(argv, env=own, stdout=output, stderr=output)
    try:
        server = Server(_port(process, folder / "runtime", log), token, own)
        yield server
    finally:
        process.terminate()
        process.wait()


def _port(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> int:
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        for file in runtime.glob("jpserver-*.json"):
            try:
                info = json.loads(file.read_text())
                http.client.HTTPConnection("127.0.0.1", info["port"], timeout=5).connect()
            except (OSError, ValueError):
                continue
            return int(info["port"])
        time.sleep(0.05)
    raise NoServer("The server doesn't start.", evidence=log.read_text()[-4000:])
