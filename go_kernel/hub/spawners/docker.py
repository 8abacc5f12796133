"""Servers as containers of Docker's."""

from __future__ import annotations

from dockerspawner import DockerSpawner

from go_kernel.hub.mixin import GoSpawnerMixin


class GoDockerSpawner(GoSpawnerMixin, DockerSpawner):  # type: ignore[misc]
    """DockerSpawner, with Go."""
