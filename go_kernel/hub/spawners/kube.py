"""Servers as pods of Kubernetes'."""

from __future__ import annotations

from kubespawner import KubeSpawner

from go_kernel.hub.mixin import GoSpawnerMixin


class GoKubeSpawner(GoSpawnerMixin, KubeSpawner):  # type: ignore[misc]
    """KubeSpawner, with Go."""
