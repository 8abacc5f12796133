"""A Jupyter Server in this process with the extension in it, and a description of its API."""

from __future__ import annotations

import asyncio
import functools
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import openapi_core
import pytest
import tornado.httpclient
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from pytest_jupyter.jupyter_server import *  # noqa: F403

from go_kernel.health.subject import id_of
from tests import prefixes
from tests.servers import Reply

REPOSITORY = Path(__file__).parents[2]
BASE = "/a%40b"  # pytest-jupyter's base_url: one that has to be quoted


@functools.cache
def described() -> OpenAPI:
    """The API as the file says it."""
    config = openapi_core.Config(extra_media_type_deserializers={"text/markdown": bytes.decode})
    file = REPOSITORY / "go_kernel" / "server" / "openapi.yaml"
    return OpenAPI.from_file_path(str(file), config=config)


class _Request:
    """A request as openapi-core wants to see it."""

    host_url = "http://127.0.0.1"
    content_type = "application/json"

    def __init__(self, method: str, path: str, body: bytes | None):
        self.method, self.path, self.body = method.lower(), path, body
        self.parameters = RequestParameters(header={"Authorization": "token"})


class _Response:
    def __init__(self, answer: tornado.httpclient.HTTPResponse):
        self.status_code, self.data = answer.code, answer.body
        self.content_type = answer.headers.get("Content-Type", "").partition(";")[0]
        self.headers = dict(answer.headers)


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """What pytest-jupyter configures the server with."""
    return {"ServerApp": {"jpserver_extensions": {"go_kernel.server": True}}}


@pytest.fixture
def home(jp_environ: None, monkeypatch: pytest.MonkeyPatch, dev_cache: Path) -> Path:
    """The home of the server and its workers, with nothing of the outer environment."""
    for name in list(os.environ):
        if name.startswith(("XDG_", "CONDA", "MAMBA", "GOKERNEL_", "GOROOT", "GOFLAGS")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("GOKERNEL_STORE", str(dev_cache / "engines"))
    monkeypatch.setenv("GOMODCACHE", str(dev_cache / "gomodcache"))
    monkeypatch.setenv("GOCACHE", str(dev_cache / "gocache"))
    return Path(os.environ["HOME"])


@pytest.fixture
def make_prefix(home: Path, tmp_path: Path) -> Callable[..., str]:
    """`make_prefix("name", script="…")`: the id of a made-up conda environment."""

    def make(name: str = "demo", *, script: str = "") -> str:
        prefix = prefixes.go_prefix(tmp_path / "envs" / name)
        if script:
            prefixes.script(prefix, "it.sh", script)
        known = home / ".conda" / "environments.txt"
        known.parent.mkdir(exist_ok=True)
        with known.open("a") as stream:
            stream.write(f"{prefix}\n")
        return id_of(prefix)

    return make


class Api:
    """Requests below /gokernel/, each held against the API's description, replies too."""

    def __init__(self, fetch: Callable[..., Awaitable[Any]]):
        self._fetch = fetch

    async def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        described_request: bool = True,
    ) -> Reply:
        """One request; `raw` and `described_request=False` are for bad ones."""
        sent = raw
        if sent is None and (body is not None or method == "POST"):
            sent = json.dumps({} if body is None else body).encode()
        answer = await self._fetch(
            "gokernel",
            *path.split("/"),
            method=method,
            body=sent,
            headers={"Content-Type": "application/json", **(headers or {})},
            raise_error=False,
            request_timeout=60,
            allow_nonstandard_methods=True,
        )
        request = _Request(method, urlparse(answer.effective_url).path.removeprefix(BASE), sent)
        if described_request:
            described().validate_request(request)
        described().validate_response(request, _Response(answer))
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        content: Any = answer.body.decode() or None
        if content and is_json:
            content = json.loads(content)
        reply = Reply(answer.code, content)
        self.location = answer.headers.get("Location", "")
        return reply

    async def ended(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """The task once it has ended."""
        while True:
            found = (await self("GET", f"tasks/{task['id']}")).content
            if found["state"] not in ("queued", "running"):
                return dict(found)
            await asyncio.sleep(0.05)


@pytest.fixture
def api(home: Path, jp_fetch: Callable[..., Awaitable[Any]]) -> Api:
    """The server's API."""
    return Api(jp_fetch)


Make = Callable[..., str]
