"""What a budget's script gives back: plain data, rendered elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bench.samples import Samples, differences, ratio, ratio_spread


class Kind(str, Enum):
    """What a budget limits."""

    RATIO = "ratio"  # ours to a peer's
    ADDED = "added"  # seconds on top of a peer's
    TIME = "time"  # seconds


@dataclass(frozen=True)
class Comparison:
    """Ours against one peer's way, or against a fixed number of seconds.

    `limit` is a ratio or seconds, as `kind` says; None where no budget is set and the
    row only informs.  `theirs` is None where the limit itself is what we compare with.
    """

    what: str
    ours: Samples
    against: str
    theirs: Samples | None
    kind: Kind
    limit: float | None

    @property
    def value(self) -> float:
        """What the limit is for: a ratio or seconds."""
        if self.kind is Kind.TIME or self.theirs is None:
            return self.ours.median
        if self.kind is Kind.ADDED:
            return differences(self.ours, self.theirs).median
        return ratio(self.ours, self.theirs)

    @property
    def ratio(self) -> float:
        """Ours to the peer's, or to the limit where there is no peer."""
        if self.theirs is not None:
            return ratio(self.ours, self.theirs)
        return self.ours.median / (self.limit or 1)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles of the ratio."""
        if self.theirs is not None:
            return ratio_spread(self.ours, self.theirs)
        first, third = self.ours.quartiles
        return first / (self.limit or 1), third / (self.limit or 1)

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        return None if self.limit is None else self.value <= self.limit

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {
            "what": self.what,
            "ours": self.ours.to_dict(),
            "against": self.against,
            "theirs": self.theirs.to_dict() if self.theirs else None,
            "kind": self.kind.value,
            "ratio": round(self.ratio, 4),
            "ratio_quartiles": [round(end, 4) for end in self.spread],
            "value": round(self.value, 6),
            "limit": self.limit,
            "met": self.met,
        }


@dataclass(frozen=True)
class Result:
    """All comparisons of one budget; `notes` say what was left out and why."""

    budget: str
    title: str
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()
    details: Mapping[str, object] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {
            "budget": self.budget,
            "title": self.title,
            "comparisons": [one.to_dict() for one in self.comparisons],
            "notes": list(self.notes),
            "details": dict(self.details),
        }
