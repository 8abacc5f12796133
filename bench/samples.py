"""Repeated measurements of one thing, and what they say together.

Medians and quartiles, because a shared machine makes a few samples much too long and
none too short.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Samples:
    """Seconds, in the order in which they were taken."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one, in seconds."""
        return median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile, in seconds."""
        first, _, third = _middle(self.seconds)
        return first, third

    def percentile(self, percent: int) -> float:
        """The smallest of them that `percent` of all don't exceed, in seconds."""
        return sorted(self.seconds)[max(0, math.ceil(len(self.seconds) * percent / 100) - 1)]

    def to_dict(self) -> dict[str, object]:
        """Plain data in milliseconds."""
        first, third = self.quartiles
        return {
            "median_ms": _milliseconds(self.median),
            "quartiles_ms": [_milliseconds(first), _milliseconds(third)],
            "samples_ms": [_milliseconds(one) for one in self.seconds],
        }


def differences(ours: Samples, theirs: Samples) -> Samples:
    """What ours takes longer, round by round: drift of the machine drops out."""
    return Samples(tuple(a - b for a, b in _rounds(ours, theirs)))


def ratios(ours: Samples, theirs: Samples) -> tuple[float, float, float]:
    """How many times theirs ours takes, round by round: first quartile, median, third."""
    return _middle([a / b for a, b in _rounds(ours, theirs)])


def ratios_to(ours: Samples, limit: float) -> tuple[float, float, float]:
    """As `ratios`, against a fixed number of seconds."""
    return _middle([a / limit for a in ours.seconds])


def _rounds(ours: Samples, theirs: Samples) -> Sequence[tuple[float, float]]:
    return list(zip(ours.seconds, theirs.seconds, strict=True))


def _middle(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return values[0], values[0], values[0]
    first, second, third = quantiles(values, n=4, method="inclusive")
    return first, second, third


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
