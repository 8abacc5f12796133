"""What is known: the newest findings and the environments, ready to be sent.

A reply is put together from texts; nothing is computed that grows with what is in them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from go_kernel._version import __version__
from go_kernel.findings import Status, spoken_time, worst_of

API = 1


@dataclass(frozen=True)
class Found:
    """A finding: what has to be known of it, and its JSON."""

    id: str
    place: str
    status: Status
    checked_at: float
    text: str

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Found:
        """From a finding's plain data."""
        at = plain["checked_at"]
        seconds = datetime.fromisoformat(at).timestamp() if at else 0.0
        status = Status(plain["status"])
        return cls(plain["id"], plain["environment"], status, seconds, json.dumps(plain))


class Stored:
    """The newest findings of each check and place, and the environments as last seen."""

    def __init__(self) -> None:
        self.environments: list[dict[str, Any]] = []
        self.checks: list[str] = []
        self.fixes: list[str] = []
        self.hub: dict[str, Any] | None = None
        self._found: dict[str, dict[str, list[Found]]] = {}
        # Put together once for all who ask until something changes.
        self._health: tuple[str, float, str] | None = None
        self._list: str | None = None

    def see(self, line: Mapping[str, Any]) -> None:
        """Take over a worker's list; findings about what is gone go, too."""
        self.environments = line["environments"]
        self.checks, self.fixes, self.hub = line["checks"], line["fixes"], line["hub"]
        places = {one["place"] for one in self.environments}
        for place in self._found.keys() - places:
            del self._found[place]
        self._health = self._list = None

    def keep(self, found: Iterable[Found], ran: Sequence[str], places: Sequence[str]) -> None:
        """Replace what these checks said about these places."""
        for place in places:
            for check in ran:
                self._found.get(place, {}).pop(check, None)
        for one in found:
            self._found.setdefault(one.place, {}).setdefault(one.id, []).append(one)
        self._health = self._list = None

    def recall(self, found: Iterable[Found]) -> None:
        """Take over what was found before this server started, where nothing newer is known."""
        newer = {(place, id) for place, ids in self._found.items() for id in ids}
        self.keep([one for one in found if (one.place, one.id) not in newer], (), ())

    def health(self) -> str:
        """All findings as JSON, as `/gokernel/health` answers."""
        if self._health is None:
            found = self.findings()
            status, at = worst_of(one.status for one in found), _newest(found)
            self._health = status.value, at, ", ".join(one.text for one in found)
        status_text, at, findings = self._health
        plain = {
            "status": status_text,
            "version": __version__,
            "api": API,
            "checked_at": spoken_time(at),
            "age_seconds": round(max(0.0, time.time() - at), 3) if at else None,
        }
        return f'{json.dumps(plain)[:-1]}, "findings": [{findings}]}}'

    def listed(self) -> str:
        """The environments as JSON, as `/gokernel/environments` answers."""
        if self._list is None:
            every = [self.environment(one) for one in self.environments]
            self._list = json.dumps({"environments": every, "hub": self.hub})
        return self._list

    def environment(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """One environment with its status."""
        found = self.findings(plain["place"])
        return {
            **plain,
            "status": worst_of(one.status for one in found).value,
            "checked_at": spoken_time(_newest(found)),
        }

    def findings(self, place: str | None = None) -> list[Found]:
        """Those of one place, in the checks' order; without one, those of all."""
        if place is None:
            known = [one["place"] for one in self.environments]
            return [found for one in known for found in self.findings(one)]
        of_place = self._found.get(place, {})
        order = {id: number for number, id in enumerate(self.checks)}
        ids = sorted(of_place, key=lambda id: order.get(id, len(order)))
        return [found for id in ids for found in of_place[id]]

    def statuses(self) -> dict[Status, int]:
        """How many findings there are of each status."""
        counts = dict.fromkeys(Status, 0)
        for one in self.findings():
            counts[one.status] += 1
        return counts


def _newest(found: Iterable[Found]) -> float:
    return max((one.checked_at for one in found), default=0.0)
