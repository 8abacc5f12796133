"""A JupyterHub as its users see it: pages with cookies, the REST API, kernels, terminals."""

from __future__ import annotations

import asyncio
import html
import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

TIMEOUT = 120.0
_PAUSE = 0.05


@dataclass
class Reply:
    """An HTTP status and what came with it: JSON where it is some, else text."""

    status: int
    content: Any
    url: str = ""


class Spawned(Exception):
    """A server could not be spawned; the argument is the sentence that its user reads."""


def _send(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> Reply:
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            return Reply(answer.status, _content(answer.read()), answer.url)
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, _content(error.read()), error.url)


def _content(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")


class Api:
    """The Hub's REST API, and its users' servers, by a token that may do all."""

    def __init__(self, url: str, token: str):
        self.url, self.token = url.rstrip("/"), token
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def request(self, method: str, path: str, body: object | None = None) -> Reply:
        """One request below the Hub's address; an error status is a reply too."""
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        return _send(self._opener, request)

    def hub(self, method: str, path: str, body: object | None = None) -> Reply:
        """One request to the Hub's API."""
        return self.request(method, f"/hub/api{path}", body)

    def add(self, *users: str, group: str = "", properties: object | None = None) -> None:
        """Make users known, and members of a group."""
        for user in users:
            self.hub("POST", f"/users/{quote(user)}")
        if group:
            self.hub("POST", f"/groups/{group}", {"users": []})
            if properties:
                reply = self.hub("PUT", f"/groups/{group}/properties", properties)
                assert reply.status == 200, reply
            reply = self.hub("POST", f"/groups/{group}/users", {"users": list(users)})
            assert reply.status == 200, reply

    def spawn(self, user: str, options: object | None = None, name: str = "") -> Server:
        """Start a user's server and wait until it is ready; raises Spawned."""
        path = f"/users/{quote(user)}/server{'s/' + quote(name) if name else ''}"
        reply = self.hub("POST", path, options)
        if reply.status not in (201, 202):
            raise Spawned(reply.content["message"])
        return self.ready(user, name)

    def ready(self, user: str, name: str = "") -> Server:
        """A server that is being started, once it is ready; raises Spawned."""
        while (state := self.state(user, name)) and state.get("pending"):
            time.sleep(_PAUSE)
        if not state or not state["ready"]:
            raise Spawned(self.failure(user, name))
        return self.server(user, name)

    def server(self, user: str, name: str = "") -> Server:
        """A server that runs."""
        return Server(self, f"/user/{quote(user)}{'/' + quote(name) if name else ''}")

    def stop(self, user: str, name: str = "") -> None:
        """Stop a user's server and wait for its end."""
        self.hub("DELETE", f"/users/{quote(user)}/server{'s/' + quote(name) if name else ''}")
        while (state := self.state(user, name)) and (state.get("pending") or state["ready"]):
            time.sleep(_PAUSE)

    def state(self, user: str, name: str = "") -> dict[str, Any]:
        """What the Hub says of a server; empty where it doesn't run."""
        content = self.hub("GET", f"/users/{quote(user)}?include_stopped_servers").content
        return dict(content["servers"].get(name) or {})

    def failure(self, user: str, name: str = "") -> str:
        """The last word of the events of a spawn that failed."""
        more = f"s/{quote(name)}" if name else ""
        reply = self.hub("GET", f"/users/{quote(user)}/server{more}/progress")
        events = re.findall(r"^data: (.*)$", str(reply.content), re.MULTILINE)
        return str(json.loads(events[-1])["message"]) if events else str(reply.content)


class Server:
    """A single-user server, through the proxy."""

    def __init__(self, api: Api, path: str):
        self.api, self.path = api, path

    def request(self, method: str, path: str, body: object | None = None) -> Reply:
        """One request to the server."""
        return self.api.request(method, self.path + path, body)

    def run(self, *cells: str, kernel: str = "go-server", timeout: float = TIMEOUT) -> list[str]:
        """What each cell printed or gave back, in a new kernel; an error's text counts, too."""
        return run_cells(self, kernel, cells, timeout)

    def terminal(self, *lines: str) -> str:
        """All that a new terminal shows while the lines are typed into it."""
        reply = self.request("POST", "/api/terminals")
        assert reply.status == 200, reply
        name = reply.content["name"]
        try:
            return asyncio.run(_typed(self, name, lines))
        finally:
            self.request("DELETE", f"/api/terminals/{name}")

    def checked(self) -> list[dict[str, Any]]:
        """Have everything checked; what the health panel then shows."""
        task = self.request("POST", "/gokernel/checks", {"deep": False, "checks": []}).content
        while task["state"] in ("queued", "running"):
            time.sleep(_PAUSE)
            task = self.request("GET", f"/gokernel/tasks/{task['id']}").content
        assert task["state"] == "done", task
        return list(self.request("GET", "/gokernel/health").content["findings"])

    def variables_of(self, kernel: str = "go-server") -> dict[str, Any]:
        """The variables of a new kernel with their origins, as the panel shows them."""
        number = self.request("POST", "/api/kernels", {"name": kernel}).content["id"]
        try:
            reply = self.request("GET", f"/gokernel/kernels/{number}/environment")
            return dict(reply.content["variables"])
        finally:
            self.request("DELETE", f"/api/kernels/{number}")

    async def connect(self, path: str) -> WebSocketClientConnection:
        """A websocket of the server."""
        url = self.api.url.replace("http", "ws", 1) + self.path + path
        request = HTTPRequest(url, headers={"Authorization": f"token {self.api.token}"})
        return await websocket_connect(request)


def run_cells(server: Server, kernel: str, cells: tuple[str, ...], timeout: float) -> list[str]:
    """A kernel's answers; it is shut down afterwards.  Raises AssertionError without a kernel."""
    reply = server.request("POST", "/api/kernels", {"name": kernel})
    assert reply.status == 201, reply
    number = reply.content["id"]

    async def all_of_them() -> list[str]:
        connection = await server.connect(f"/api/kernels/{number}/channels")
        answers = [await asyncio.wait_for(_executed(connection, one), timeout) for one in cells]
        await _close(connection)
        return answers

    try:
        return asyncio.run(all_of_them())
    finally:
        server.request("DELETE", f"/api/kernels/{number}")


async def _executed(connection: WebSocketClientConnection, code: str) -> str:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.4"}
    message = {
        "channel": "shell",
        "header": header | {"username": "", "session": "client"},
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False, "store_history": True},
    }
    await connection.write_message(json.dumps(message))
    parts = []
    while True:
        got = json.loads(await _message(connection))
        if got["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        content, kind = got["content"], got["msg_type"]
        if kind == "stream":
            parts.append(content["text"])
        elif kind in ("execute_result", "display_data"):
            parts.append(content["data"].get("text/plain", ""))
        elif kind == "error":
            parts.append(f"{content['ename']}: {content['evalue']}")
        elif kind == "status" and content["execution_state"] == "idle":
            return "".join(parts)


async def _typed(server: Server, name: str, lines: tuple[str, ...]) -> str:
    connection = await server.connect(f"/terminals/websocket/{name}")
    shown: list[str] = []

    async def until(mark: str) -> None:
        while mark not in "".join(shown):
            kind, *text = json.loads(await _message(connection))
            if kind == "stdout":
                shown.append(text[0])

    # The shell echoes what is typed: the mark is put together by the shell alone.
    for number, line in enumerate([":", *lines]):
        typed = f"{line}; echo do''ne-{number}-\r"
        await connection.write_message(json.dumps(["stdin", typed]))
        await asyncio.wait_for(until(f"done-{number}-"), TIMEOUT)
    await _close(connection)
    return "".join(shown)


async def _close(connection: WebSocketClientConnection) -> None:
    """To the end: a socket that is forgotten is a warning in some later test."""
    connection.close()
    while await connection.read_message() is not None:
        pass


async def _message(connection: WebSocketClientConnection) -> str:
    message = await connection.read_message()
    if message is None:
        raise ConnectionError(f"the connection ended: {connection.close_reason}")
    return str(message)


class Visitor:
    """Somebody with a browser that keeps cookies, not logged in yet."""

    def __init__(self, url: str):
        self.url = url.rstrip("/")
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._jar)
        )

    def get(self, path: str) -> Reply:
        """A page, after all redirections."""
        return _send(self._opener, urllib.request.Request(self.url + path))

    def post(self, path: str, fields: Mapping[str, str]) -> Reply:
        """Send a form, with the Hub's own token against forged ones."""
        data = urllib.parse.urlencode({**fields, "_xsrf": self._xsrf()}).encode()
        return _send(self._opener, urllib.request.Request(self.url + path, data=data))

    def log_in(self, name: str, password: str) -> Reply:
        """By the form."""
        self.get("/hub/login")
        return self.post("/hub/login?next=%2Fhub%2Fhome", {"username": name, "password": password})

    def _xsrf(self) -> str:
        hub = [one for one in self._jar if one.name == "_xsrf" and one.path.startswith("/hub")]
        return str(hub[-1].value) if hub else ""


def shown(page: object) -> str:
    """The words of a page."""
    text = re.sub(r"(?s)<(script|style).*?</\1>|<!--.*?-->", " ", str(page))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def choices(page: object) -> dict[str, str]:
    """The entries of the select of Go environments: values, and what is shown."""
    select = re.search(r'(?s)<select[^>]*name="go_environment".*?</select>', str(page))
    assert select is not None, shown(page)
    found = re.findall(r'(?s)<option[^>]*value="([^"]*)"[^>]*>(.*?)</option>', select[0])
    return {html.unescape(value): html.unescape(text).strip() for value, text in found}


def chosen(page: object) -> str:
    """The value of that select which a browser sends where nobody touches it."""
    select = re.search(r'(?s)<select[^>]*name="go_environment".*?</select>', str(page))
    assert select is not None, shown(page)
    found = re.findall(r"<option([^>]*)>", select[0])
    [own] = [one for one in found if " selected" in one] or found[:1]
    value = re.search(r'value="([^"]*)"', own)
    assert value is not None
    return html.unescape(value[1])
