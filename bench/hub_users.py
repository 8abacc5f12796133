"""A real local Hub with a proxy, and users who start their kernels all at once.

The Hub is as `jupyterhub_config/local` describes it; a user is a web client with a token.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # ipykernel brings it
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from go_kernel.files import write_json
from go_kernel.findings import GoKernelError

_REPOSITORY = Path(__file__).parents[1]
_LOCAL = _REPOSITORY / "jupyterhub_config" / "local" / "jupyterhub_config.py"
_SECONDS = 900.0
_MORE = """\
load_subconfig({local!r})
c = get_config()
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.JupyterHub.services = [{{"name": "bench", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{
    "name": "bench", "services": ["bench"],
    "scopes": ["admin:users", "admin:servers", "access:servers"],
}}]
c.Spawner.start_timeout = c.Spawner.http_timeout = {seconds:.0f}
c.Spawner.environment["PYTHONPATH"] = {repository!r}
"""


class NoHub(GoKernelError):
    """A Hub that was to be measured doesn't answer as it should."""

    id = "bench.no-hub"


@dataclass
class Classroom:
    """A running Hub, seen from its users.

    Servers are asked for at the Hub's own address, kernels at the proxy's: the one in Python
    has ten requests under way at most, and gives up on one that has waited for 20 s.
    """

    hub: str
    url: str
    token: str
    process: subprocess.Popen[bytes]
    client: AsyncHTTPClient = field(
        default_factory=lambda: SimpleAsyncHTTPClient(force_instance=True, max_clients=200)
    )

    async def server(self, user: str) -> float:
        """Spawn a user's server; the seconds until it is ready."""
        begin = time.perf_counter()
        await self._ask("POST", f"/hub/api/users/{user}")
        await self._ask("POST", f"/hub/api/users/{user}/server")
        # Ends when the server is ready, or when it failed.
        events = await self._ask("GET", f"/hub/api/users/{user}/server/progress")
        if '"ready": true' not in events:
            raise NoHub(f"{user} has no server.", evidence=events[-2000:])
        return time.perf_counter() - begin

    async def kernel(self, user: str, name: str, code: str) -> tuple[float, str]:
        """Start a kernel and execute a cell; the seconds up to its result, and the result."""
        begin = time.perf_counter()
        started = await self._ask("POST", f"/user/{user}/api/kernels", {"name": name})
        path = f"/user/{user}/api/kernels/{json.loads(started)['id']}/channels"
        connection = await websocket_connect(
            HTTPRequest(
                self.url.replace("http", "ws", 1) + path,
                headers=self._headers,
                connect_timeout=_SECONDS,  # thirty Pythons at once take two processors a while
                request_timeout=_SECONDS,
            )
        )
        try:
            await connection.write_message(json.dumps(_request(code)))
            while True:
                message: Any = await connection.read_message()
                if message is None:
                    return time.perf_counter() - begin, "the connection was closed"
                result = _result(json.loads(message))
                if result is not None:
                    return time.perf_counter() - begin, result
        finally:
            await _close(connection)

    def memory(self) -> int:
        """Bytes that the Hub and all its processes hold; what they share counts once."""
        total = 0
        for one in _tree(self.process.pid):
            with suppress(psutil.Error):
                info = one.memory_full_info()
                total += getattr(info, "pss", info.uss)
        return total

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}", "Content-Type": "application/json"}

    async def _ask(self, method: str, path: str, body: object | None = None) -> str:
        request = HTTPRequest(
            (self.hub if path.startswith("/hub/") else self.url) + path,
            method=method,
            headers=self._headers,
            body=None if method == "GET" else json.dumps(body or {}),
            request_timeout=_SECONDS,
            connect_timeout=_SECONDS,
        )
        try:
            return (await self.client.fetch(request)).body.decode()
        except HTTPError as error:
            said = error.response.body.decode() if error.response else ""
            raise NoHub(f"{method} {path}: {error}.", evidence=said[-2000:]) from error


async def _close(connection: WebSocketClientConnection) -> None:
    """To the end: one that isn't read to its end keeps its socket when the loop is gone."""
    connection.close()
    while await connection.read_message() is not None:
        pass


def _request(code: str) -> dict[str, object]:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.4"}
    return {
        "channel": "shell",
        "header": {**header, "username": "", "session": uuid.uuid4().hex},
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False},
    }


def _result(message: Mapping[str, Any]) -> str | None:
    """What a cell came to; None for any other message."""
    content = message["content"]
    if message["msg_type"] == "execute_result":
        return str(content["data"]["text/plain"])
    return str(content["evalue"]) if message["msg_type"] == "error" else None


@asynccontextmanager
async def open_hub(
    folder: Path, environments: Mapping[str, Path], env: Mapping[str, str]
) -> AsyncIterator[Classroom]:
    """A Hub that offers these environments; it and all its servers end with the block."""
    log = folder / "hub.log"
    made = _started(folder, environments, env, log)
    try:
        await _until_it_answers(made, log)
        yield made
    finally:
        await asyncio.to_thread(_end, made.process)


def _started(
    folder: Path, environments: Mapping[str, Path], env: Mapping[str, str], log: Path
) -> Classroom:
    folder.mkdir(parents=True, exist_ok=True)
    public, hub, api = _free_ports(3)
    token = secrets.token_hex(16)
    places = {"local": str(_LOCAL), "repository": str(_REPOSITORY)}
    config = folder / "jupyterhub_config.py"
    config.write_text(_MORE.format(hub=hub, api=api, token=token, seconds=_SECONDS, **places))
    listed = {name: {"prefix": str(prefix)} for name, prefix in environments.items()}
    write_json(folder / "environments.json", {"environments": listed})
    own = {
        **env,
        "PYTHONPATH": str(_REPOSITORY),
        "GOKERNEL_LOCAL_SPAWNER": "simple",
        "GOKERNEL_LOCAL_FOLDER": str(folder / "state"),
        "GOKERNEL_LOCAL_PORT": str(public),
        "GOKERNEL_LOCAL_PASSWORD": secrets.token_hex(16),
        "GOKERNEL_LOCAL_ENVIRONMENTS": str(folder / "environments.json"),
    }
    argv = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    with log.open("wb") as output:
        process = subprocess.Popen(argv, env=own, cwd=folder, stdout=output, stderr=output)
    hub_url, proxy_url = f"http://127.0.0.1:{hub}", f"http://127.0.0.1:{public}"
    return Classroom(hub_url, proxy_url, token, process)


async def _until_it_answers(room: Classroom, log: Path) -> None:
    end = time.monotonic() + 120
    while room.process.poll() is None and time.monotonic() < end:
        with suppress(NoHub, OSError):
            await room._ask("GET", "/hub/api/")
            return
        await asyncio.sleep(0.1)
    raise NoHub("The Hub doesn't start.", evidence=_tail(log))


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-4000:]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the Hub, which ends its servers; then whatever is left of them."""
    started = _tree(process.pid)
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(120)
    for one in started:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()


def _tree(pid: int) -> Sequence[Any]:
    """A process and all below it; none where it is gone."""
    with suppress(psutil.NoSuchProcess):
        whole = psutil.Process(pid)
        return [whole, *whole.children(recursive=True)]
    return []


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
