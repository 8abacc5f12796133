"""Spawners of JupyterHub's real classes, with a made-up user and Hub around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from traitlets.config import Config


@dataclass
class User:
    """What a spawner looks at of a user."""

    name: str = "alice"
    groups: Sequence[Any] = ()
    id: int = 1
    url: str = "/user/alice/"
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def escaped_name(self) -> str:
        """As JupyterHub has it in its URLs."""
        return self.name


def hub() -> Any:
    """What a spawner looks at of the Hub."""
    return SimpleNamespace(
        public_host="", api_url="http://127.0.0.1:8081/hub/api", base_url="/hub/"
    )


def spawner(
    cls: type,
    *,
    user: str = "alice",
    groups: Sequence[str] = (),
    server: str = "",
    options: Mapping[str, Any] | None = None,
    config: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> Any:
    """A spawner for one server; `settings` are of GoSpawnerMixin, `config` of any class."""
    stored = SimpleNamespace(name=server, server=None, user_options=dict(options or {}), state={})
    stored.display_name = server
    parts = {name: dict(values) for name, values in (config or {}).items()}
    parts.setdefault("GoSpawnerMixin", {}).update(settings)
    return cls(
        config=Config(parts),
        user=User(user, [SimpleNamespace(name=name) for name in groups]),
        hub=hub(),
        orm_spawner=stored,
        user_options=dict(options or {}),
        api_token="secret-token",
        db=SimpleNamespace(commit=lambda: None),
        oauth_client_id="client",
    )
