"""A real Jupyter Server in tests, spoken to over its REST API and websockets."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOKEN = "test-token"


@dataclass
class Reply:
    """An HTTP status and the JSON that came with it."""

    status: int
    content: Any


@dataclass
class Server:
    """A running server."""

    url: str
    log: Path
    runtime: Path

    def request(self, method: str, path: str, body: object | None = None) -> Reply:
        """One request; an error status is a reply too."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {TOKEN}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return Reply(answer.status, _json(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, _json(error.read()))

    def start_session(self, kernel: str) -> Reply:
        """What a notebook does when it is opened."""
        body = {
            "path": f"{uuid.uuid4()}.ipynb",
            "name": "",
            "type": "notebook",
            "kernel": {"name": kernel},
        }
        return self.request("POST", "/api/sessions", body)


def _json(raw: bytes) -> Any:
    return json.loads(raw) if raw else None


@contextmanager
def serving(
    folder: Path,
    env: Mapping[str, str],
    *config: str,
    program: str = "jupyter_server",
    root: Path | None = None,
) -> Iterator[Server]:
    """A server whose kernels are those below `folder`, with its own runtime folder.

    `program` is the module that is started, `root` where the notebooks are.
    """
    runtime = Path(tempfile.mkdtemp(prefix="runtime-", dir=folder))
    log = runtime / "server.log"
    command = [
        *(sys.executable, "-m", program, "--no-browser", "--port=0", "--ip=127.0.0.1"),
        *("--allow-root", f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.root_dir={root or folder}", *config),
    ]
    own = {
        "JUPYTER_PATH": str(folder),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
    }
    with log.open("wb") as stream:
        process = subprocess.Popen(command, env={**env, **own}, stdout=stream, stderr=stream)
    try:
        yield Server(_url(process, runtime, log), log, runtime)
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _url(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """The address from the file that a server writes when it listens."""
    while process.poll() is None:
        for info in runtime.glob("jpserver-*.json"):
            try:
                found = json.loads(info.read_text())
            except ValueError:
                continue
            if _listening(found["port"]):  # the file comes first
                return str(found["url"]).rstrip("/")
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"the server ended: {log.read_text()}")


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
