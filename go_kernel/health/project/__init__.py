"""Checks of a Go project: what is in force in its folder, and what has no effect there."""

from go_kernel.health.project.checks import checks

__all__ = ["checks"]
