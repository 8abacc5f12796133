"""Servers as jobs of Slurm's."""

from __future__ import annotations

from batchspawner import SlurmSpawner

from go_kernel.hub.mixin import GoSpawnerMixin


class GoSlurmSpawner(GoSpawnerMixin, SlurmSpawner):  # type: ignore[misc]
    """SlurmSpawner, with Go."""
