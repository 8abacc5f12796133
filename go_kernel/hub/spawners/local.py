"""Servers as processes of the machine's own users."""

from __future__ import annotations

from jupyterhub.spawner import LocalProcessSpawner

from go_kernel.hub.mixin import GoSpawnerMixin


class GoLocalSpawner(GoSpawnerMixin, LocalProcessSpawner):  # type: ignore[misc]
    """LocalProcessSpawner, with Go."""
