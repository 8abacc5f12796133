"""A JupyterHub in this process whose servers are one web page: what is left is the Hub's work.

`User.spawn` is the real one: database, tokens, roles, options, state, and the wait for the
server's answer.  Only the spawner starts nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from jupyterhub import __version__, orm
from jupyterhub.app import JupyterHub
from jupyterhub.roles import assign_default_roles
from jupyterhub.spawner import Spawner
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from traitlets.config import Config

from go_kernel.hub import GoSpawnerMixin


class Stub(Spawner):  # type: ignore[misc]
    """A spawner that asks for the variables and starts nothing."""

    port_of_all = 0

    async def start(self) -> tuple[str, int]:
        """Where the page is."""
        self.get_env()
        return "127.0.0.1", self.port_of_all

    async def poll(self) -> None:
        """It always runs."""

    async def stop(self, now: bool = False) -> None:
        """Nothing to do."""


class Sends(GoSpawnerMixin, Stub):
    """Sends id and policy, as to containers."""


class Activates(GoSpawnerMixin, Stub):
    """Sends the whole environment, as to local processes."""


class _Page(web.RequestHandler):
    def get(self) -> None:
        """What a Hub looks for."""
        self.set_header("X-JupyterHub-Version", __version__)
        self.finish("{}")


class Hub:
    """A Hub that is ready to spawn."""

    def __init__(self, app: Any):
        self._app = app
        self._numbers = iter(range(1_000_000))

    def users(self, count: int) -> list[Any]:
        """As many new users."""
        return [self._user(f"user-{next(self._numbers)}") for _ in range(count)]

    async def spawn(self, cls: type[Stub], users: Sequence[Any]) -> list[Any]:
        """Spawn a server of each of these users at once; their spawners."""
        self._app.tornado_settings["spawner_class"] = cls
        await asyncio.gather(*(one.spawn() for one in users))
        spawners = [user.spawner for user in users]
        for spawner in spawners:
            spawner.stop_polling()
        return spawners

    def _user(self, name: str) -> Any:
        row = orm.User(name=name)
        self._app.db.add(row)
        self._app.db.commit()
        assign_default_roles(self._app.db, row)
        return self._app.users[row]


@asynccontextmanager
async def hub(folder: Path, prefix: Path) -> AsyncIterator[Hub]:
    """A Hub whose users may have the environment `prefix`; it listens nowhere."""
    socket, port = bind_unused_port()
    page = HTTPServer(web.Application([(".*", _Page)]))
    page.add_socket(socket)
    Stub.port_of_all = port
    app = JupyterHub(config=_config(folder, prefix), log_level=logging.CRITICAL)
    try:
        with _inside(folder):
            await app.initialize([])
            yield Hub(app)
    finally:
        page.stop()
        app.db.close()
        JupyterHub.clear_instance()


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """A working folder for what a Hub writes beside itself."""
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _config(folder: Path, prefix: Path) -> Config:
    mixin: Mapping[str, object] = {
        "go_environments": {"go": {"prefix": str(prefix), "display_name": "Go"}},
        "gopath": "/srv/go/{username}",
        "gomodcache": "/srv/go/{username}/modules",
        "gocache": "/srv/go/{username}/build",
        "goproxy": "https://modules.invalid",
        "gosumdb": "off",
    }
    own = {
        "db_url": "sqlite:///:memory:",
        "cookie_secret_file": str(folder / "cookie_secret"),
        "authenticator_class": "dummy",
    }
    shares = {"go_shares_files": True}
    return Config({"JupyterHub": own, "GoSpawnerMixin": dict(mixin), "Activates": shares})
