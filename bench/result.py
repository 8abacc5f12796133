"""What a budget's script gives back: plain data, rendered elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bench.samples import Samples, differences, ratios, ratios_to


class Kind(str, Enum):
    """What a budget limits."""

    RATIO = "ratio"  # ours to a peer's
    ADDED = "added"  # seconds on top of a peer's
    TIME = "time"  # seconds
    P99 = "p99"  # seconds that 99 of 100 may not exceed


@dataclass(frozen=True)
class Comparison:
    """Ours against one peer's way, or against the limit itself where `theirs` is None.

    `limit` is a ratio or seconds, as `kind` says; None where no budget is set and the
    row only informs.
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
        if self.kind is Kind.P99:
            return self.ours.percentile(99)
        if self.theirs is None:
            return self.ours.median
        if self.kind is Kind.ADDED:
            return differences(self.ours, self.theirs).median
        return self.ratios[1]

    @property
    def ratios(self) -> tuple[float, float, float]:
        """Ours to the peer's, or to the limit: first quartile, median, third quartile."""
        if self.theirs is None:
            return ratios_to(self.ours, self.limit or 1.0)
        return ratios(self.ours, self.theirs)

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
            "ratio": round(self.ratios[1], 4),
            "ratio_quartiles": [round(self.ratios[0], 4), round(self.ratios[2], 4)],
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

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {
            "budget": self.budget,
            "title": self.title,
            "comparisons": [one.to_dict() for one in self.comparisons],
            "notes": list(self.notes),
        }
