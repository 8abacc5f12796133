"""Findings together: what `doctor --json` prints and `/gokernel/health` answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from go_kernel._version import __version__
from go_kernel.findings import Finding, Status, worst

_NOUNS = MappingProxyType(
    {
        Status.ERROR: ("error", "errors"),
        Status.WARN: ("warning", "warnings"),
        Status.UNKNOWN: ("unknown", "unknown"),
        Status.INFO: ("note", "notes"),
    }
)


@dataclass(frozen=True)
class Report:
    """All findings at one time."""

    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> Status:
        """The worst of all; `unknown` before a first check."""
        return worst(self.findings)

    @property
    def checked_at(self) -> float:
        """When the newest of them was found (seconds since the epoch); 0 for never."""
        return max((one.checked_at for one in self.findings), default=0.0)

    @property
    def counted(self) -> str:
        """Words: `1 error, 2 warnings`; "" where there is nothing to say."""
        counts = Counter(one.status for one in self.findings)
        return ", ".join(
            f"{counts[status]} {one if counts[status] == 1 else many}"
            for status, (one, many) in _NOUNS.items()
            if counts[status]
        )

    def with_newer(self, newer: Iterable[Finding]) -> Report:
        """The same, with the findings of each check and subject replaced by newer ones."""
        fresh = tuple(newer)
        replaced = {(one.environment, one.id) for one in fresh}
        kept = (one for one in self.findings if (one.environment, one.id) not in replaced)
        return Report((*kept, *fresh))

    def without(self, environment: str) -> Report:
        """The same, without what was found about a place."""
        return Report(tuple(one for one in self.findings if one.environment != environment))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "status": self.status.value,
            "version": __version__,
            "findings": [one.to_dict() for one in self.findings],
        }
