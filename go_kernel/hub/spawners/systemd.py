"""Servers as units of systemd's."""

from __future__ import annotations

from systemdspawner import SystemdSpawner

from go_kernel.hub.mixin import GoSpawnerMixin


class GoSystemdSpawner(GoSpawnerMixin, SystemdSpawner):  # type: ignore[misc]
    """SystemdSpawner, with Go."""
