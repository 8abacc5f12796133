"""What the mixin uses of a JupyterHub spawner, for type checkers alone."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from traitlets.config import LoggingConfigurable


class SpawnerType(LoggingConfigurable):
    """The part of `jupyterhub.spawner.Spawner` that the mixin calls."""

    name: str
    user: Any
    orm_spawner: Any
    user_options: dict[str, Any]
    environment: dict[str, Any]
    env_keep: list[str]
    cmd: list[str]

    def start(self) -> Awaitable[Any]:
        """Start the server; gives back where it is."""
        raise NotImplementedError

    def get_env(self) -> dict[str, Any]:
        """The server's variables."""
        raise NotImplementedError

    async def get_options_form(self) -> str:
        """The spawn page's form."""
        raise NotImplementedError

    def run_options_from_form(self, form_data: dict[str, Any]) -> Any:
        """The form's fields as options."""
        raise NotImplementedError

    def options_from_query(self, query_data: dict[str, Any]) -> Any:
        """The query's keys as options."""
        raise NotImplementedError

    async def _run_apply_user_options(self, user_options: dict[str, Any]) -> None:
        raise NotImplementedError

    def get_state(self) -> dict[str, Any]:
        """What a Hub that starts again has to know."""
        raise NotImplementedError

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what was known."""
        raise NotImplementedError

    def clear_state(self) -> None:
        """Forget what was known of a server that has ended."""
        raise NotImplementedError
