"""Words that sentences of checks and fixes are made with."""

from __future__ import annotations

from collections.abc import Sequence


def listed(things: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(things[:-1]), things[-1]] if things[1:] else things)
