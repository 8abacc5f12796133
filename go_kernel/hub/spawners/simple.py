"""Servers as processes of the Hub's own user: for trying out, never for strangers."""

from __future__ import annotations

from jupyterhub.spawner import SimpleLocalProcessSpawner

from go_kernel.hub.mixin import GoSpawnerMixin


class GoSimpleSpawner(GoSpawnerMixin, SimpleLocalProcessSpawner):  # type: ignore[misc]
    """SimpleLocalProcessSpawner, with Go."""
