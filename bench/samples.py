"""Repeated measurements of one thing, and what they say together.

Medians and quartiles, because a shared machine makes a few samples much too long and
none too short.
"""

from __future__ import annotations

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
        if len(self.seconds) < 2:
            return self.seconds[0], self.seconds[0]
        first, _, third = quantiles(self.seconds, n=4, method="inclusive")
        return first, third

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


def ratio(ours: Samples, theirs: Samples) -> float:
    """How many times theirs ours takes."""
    return ours.median / theirs.median


def ratio_spread(ours: Samples, theirs: Samples) -> tuple[float, float]:
    """The quartiles of the ratio, round by round."""
    return Samples(tuple(a / b for a, b in _rounds(ours, theirs))).quartiles


def _rounds(ours: Samples, theirs: Samples) -> Sequence[tuple[float, float]]:
    return list(zip(ours.seconds, theirs.seconds, strict=True))


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
