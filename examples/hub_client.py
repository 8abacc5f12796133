"""A user's way through a JupyterHub, as a program: token, server, kernel, terminal.

    python examples/hub_client.py http://127.0.0.1:8000 ada PASSWORD go-1.26

Each request is printed with what came back; where that is an error, it is the last, and the
exit code 1.  It needs Tornado, which Jupyter brings.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import re
import sys
import time
import urllib.error
import urllib.request
import uuid
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

CELL = """\
import ("fmt"; "os"; "runtime")
fmt.Println(runtime.Version(), "on", runtime.GOOS)
fmt.Println("environment:", os.Getenv("CONDA_DEFAULT_ENV"))"""
LINES = ("go version", "echo $CONDA_DEFAULT_ENV")


class Failed(Exception):
    """The Hub or the server said no; a sentence."""


class Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: after the log-in that is where a server would be started at once."""

    def redirect_request(self, *args: object) -> None:
        """What leads elsewhere is the answer."""


class Client:
    """A Hub, and the user whose token is used."""

    def __init__(self, url: str, user: str):
        self.url, self.user = url.rstrip("/"), user
        self.headers: dict[str, str] = {}
        self.opener = urllib.request.build_opener(Stay)

    def send(self, method: str, path: str, data: bytes | None = None, said: str = "") -> bytes:
        """One request; `said` is what is printed of the data."""
        print(f"{method} {path} {said}".rstrip())
        where = self.url + path
        request = urllib.request.Request(where, data, self.headers, method=method)  # noqa: S310
        try:
            reply = self.opener.open(request)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            content = bytes(reply.read())
            if reply.status >= 400:
                raise Failed(f"{reply.status} {_sentence(content) or reply.reason}")
            print(f"  {reply.status} {reply.reason}")
            return content

    def request(self, method: str, path: str, body: object = None) -> Any:
        """One request to a REST API."""
        self.headers["Content-Type"] = "application/json"
        said = "" if body is None else json.dumps(body)
        return json.loads(self.send(method, path, said.encode() or None, said) or "null")

    def log_in(self, password: str) -> None:
        """As a browser does; then a token of the user's own, as the Hub's page Token gives one."""
        cookies = http.cookiejar.CookieJar()
        keeps = urllib.request.HTTPCookieProcessor(cookies)
        self.opener = urllib.request.build_opener(keeps, Stay)
        self.send("GET", "/hub/login")
        form = {"username": self.user, "password": password, "_xsrf": _xsrf(cookies)}
        self.send(
            "POST", "/hub/login", urlencode(form).encode(), f"username={self.user}&password=…"
        )
        self.send("GET", "/hub/token")
        self.headers = {"X-XSRFToken": _xsrf(cookies)}
        reply = self.request("POST", f"/hub/api/users/{self.user}/tokens", {"note": "a script"})
        self.opener = urllib.request.build_opener(Stay)
        self.headers = {"Authorization": f"token {reply['token']}"}

    def spawn(self, environment: str) -> str:
        """A server with that Go; its path."""
        path = f"/hub/api/users/{self.user}"
        self.request("POST", f"{path}/server", {"go_environment": environment})
        # One that didn't start is no longer in the list.
        while not (server := self.request("GET", path)["servers"].get("", {})).get("ready"):
            if not server:
                raise Failed("The server didn't start.")
            time.sleep(1)
        print(f"  {server['url']} {json.dumps(server['user_options'])}")
        if (chosen := server["user_options"].get("go_environment")) != environment:
            raise Failed(f"This server's choice is {chosen}, not {environment}.")
        return str(server["url"])

    async def connect(self, path: str) -> WebSocketClientConnection:
        """A websocket of the server."""
        print(f"WEBSOCKET {path}")
        url = self.url.replace("http", "ws", 1) + path
        return await websocket_connect(HTTPRequest(url, headers=self.headers))

    async def execute(self, server: str, code: str) -> None:
        """Run a cell in a new kernel and print what it puts out."""
        specs = self.request("GET", f"{server}api/kernelspecs")["kernelspecs"]
        print(f"  go-server: {specs['go-server']['spec']['display_name']}")
        kernel = self.request("POST", f"{server}api/kernels", {"name": "go-server"})["id"]
        connection = await self.connect(f"{server}api/kernels/{kernel}/channels")
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.4"}
        message: dict[str, Any] = {"channel": "shell", "parent_header": {}, "metadata": {}}
        header |= {"username": self.user, "session": "hub_client"}
        content = {"code": code, "silent": False, "store_history": True}
        await connection.write_message(
            json.dumps({**message, "header": header, "content": content})
        )
        for line in code.splitlines():
            print(f"  In: {line}")
        async for got in messages(connection):
            text = got["content"].get("text") or got["content"].get("evalue")
            if got["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            if text:
                print("".join(f"  Out: {line}\n" for line in text.splitlines()), end="")
            if got["content"].get("execution_state") == "idle":
                break
        await close(connection)
        self.request("DELETE", f"{server}api/kernels/{kernel}")

    async def terminal(self, server: str, *lines: str) -> None:
        """Type lines into a new terminal and print what they put out."""
        name = self.request("POST", f"{server}api/terminals")["name"]
        connection = await self.connect(f"{server}terminals/websocket/{name}")
        for line in lines:
            # What is typed is shown, too: the marks are put together by the shell alone.
            typed = f"printf '<%s<' begin; {line}; printf '>%s>' end\r"
            await connection.write_message(json.dumps(["stdin", typed]))
            shown = ""
            async for kind, *text in messages(connection):
                shown += text[0] if kind == "stdout" else ""
                if found := re.search(r"(?s)<begin<(.*)>end>", shown):
                    print(f"  $ {line}\n  {found[1].strip()}")
                    break
        await close(connection)
        self.request("DELETE", f"{server}api/terminals/{name}")


def _xsrf(cookies: http.cookiejar.CookieJar) -> str:
    """The Hub's word against forged forms."""
    return next(one.value or "" for one in cookies if one.name == "_xsrf")


def _sentence(content: bytes) -> str:
    """What an API says is wrong; nothing where the reply is a page."""
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return ""


async def messages(connection: WebSocketClientConnection) -> Any:
    """What comes in, until the other side ends it."""
    while (message := await connection.read_message()) is not None:
        yield json.loads(message)


async def close(connection: WebSocketClientConnection) -> None:
    """To the end: one that isn't read to its end keeps its socket when the loop is gone."""
    connection.close()
    async for _ in messages(connection):
        pass


async def main(url: str, user: str, password: str, environment: str) -> None:
    """The whole way; the server is stopped at its end."""
    client = Client(url, user)
    client.log_in(password)
    server = client.spawn(environment)
    await client.execute(server, CELL)
    await client.terminal(server, *LINES)
    client.request("DELETE", f"/hub/api/users/{user}/server")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(
            "hub_client.py: say URL, user, password and environment, as in the first lines here"
        )
    try:
        asyncio.run(main(*sys.argv[1:]))
    except (Failed, OSError, HTTPError) as error:
        sys.exit(f"  {error}")
