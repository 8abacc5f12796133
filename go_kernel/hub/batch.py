"""Batch systems hand on the variables that a job's submission names, and no others."""

from __future__ import annotations

from collections.abc import Iterable


def kept(stated: str, names: Iterable[str]) -> str:
    """A list of variables' names, as `--export` has them, with `names` in it."""
    said = [name.strip() for name in stated.split(",") if name.strip()]
    return ",".join(dict.fromkeys([*said, *names]))
