"""The one model of "what is wrong", and the one base of errors that users meet.

A check that only looks returns `Finding`s; a step that cannot go on raises a
`GoKernelError`.  Both carry the same three things: one sentence that names the
thing, evidence, and a remedy, so that a notebook, a terminal and a panel can
say the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from enum import Enum
from typing import Any


class Status(str, Enum):
    """How bad it is, in the words that the command line and the REST API use."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


# From the best to the worst: not knowing is worse than a hint.
_ORDER = (Status.SKIPPED, Status.OK, Status.INFO, Status.UNKNOWN, Status.WARN, Status.ERROR)


def worst_of(statuses: Iterable[Status]) -> Status:
    """The worst of them; `unknown` where there are none."""
    return max(statuses, key=_ORDER.index, default=Status.UNKNOWN)


@dataclass(frozen=True)
class Remedy:
    """What to do: a sentence, and the commands to run where there are any."""

    text: str
    commands: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {"text": self.text, "commands": list(self.commands)}

    def __str__(self) -> str:
        """One line for a terminal or a dialog: `Install Go: `conda install go`.`"""
        if not self.commands:
            return self.text
        joint = " " if self.text.endswith((" with", ":")) else ": "
        spoken = " or ".join(f"`{command}`" for command in self.commands)
        return f"{self.text.rstrip('.')}{joint}{spoken}."


class Risk(str, Enum):
    """What a repair could cost."""

    NONE = "none"  # it makes what is missing, and takes nothing away
    LOW = "low"  # it replaces what can be made again
    MEDIUM = "medium"  # it changes a decision that somebody made


@dataclass(frozen=True)
class Fix:
    """A repair of ours that is offered: its id, what it could cost, what it would do."""

    id: str
    risk: Risk = Risk.NONE
    preview: str = ""


@dataclass(frozen=True)
class Finding:
    """One result of looking at something.

    `id` is stable and dotted (`toolchain.missing`), `summary` is one sentence that
    names the thing, `evidence` is what was seen (output, a path, two hashes),
    `environment` is the prefix or GOROOT that it is about, `kernel` the name of the
    one kernel that it is about.  `checked_at` is in seconds since the epoch, 0 where
    nobody measured.  `last` is what was found the last time, where it could not be
    found out now.
    """

    id: str
    status: Status
    summary: str
    evidence: str = ""
    remedy: Remedy | None = None
    environment: str = ""
    kernel: str = ""
    fix: Fix | None = None
    duration_ms: float = 0.0
    checked_at: float = 0.0
    last: Finding | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON; the time in UTC as ISO 8601 has it, "" for none."""
        fix = self.fix and {
            "id": self.fix.id,
            "risk": self.fix.risk.value,
            "preview": self.fix.preview,
        }
        last = self.last and {
            "status": self.last.status.value,
            "summary": self.last.summary,
            "checked_at": spoken_time(self.last.checked_at),
        }
        return {
            "id": self.id,
            "environment": self.environment,
            "kernel": self.kernel,
            "status": self.status.value,
            "summary": self.summary,
            "evidence": self.evidence,
            "remedy": self.remedy and self.remedy.to_dict(),
            "fix": fix,
            "duration_ms": round(self.duration_ms, 3),
            "checked_at": spoken_time(self.checked_at),
            "last": last,
        }

    def about(self, environment: object) -> Finding:
        """The same finding, said of `environment`."""
        return replace(self, environment=str(environment))

    def __str__(self) -> str:
        """Sentence and remedy."""
        return f"{self.summary} {self.remedy}" if self.remedy else self.summary


def worst(findings: Iterable[Finding]) -> Status:
    """The worst status among them; `unknown` counts more than `info` and less than `warn`."""
    return worst_of(one.status for one in findings)


def from_dict(data: Mapping[str, Any]) -> Finding:
    """A finding from what `to_dict` made of it; raises KeyError, ValueError and TypeError."""
    remedy, fix = data["remedy"], data.get("fix")
    found = Finding(
        id=data["id"],
        status=Status(data["status"]),
        summary=data["summary"],
        evidence=data["evidence"],
        remedy=Remedy(remedy["text"], tuple(remedy["commands"])) if remedy else None,
        environment=data["environment"],
        kernel=data.get("kernel", ""),
        fix=Fix(fix["id"], Risk(fix["risk"]), fix["preview"]) if fix else None,
        duration_ms=data.get("duration_ms", 0.0),
        checked_at=_seconds(data.get("checked_at")),
    )
    last = data.get("last")
    return replace(found, last=_last_of(found, last)) if last else found


def _last_of(found: Finding, last: Mapping[str, Any]) -> Finding:
    return Finding(
        found.id,
        Status(last["status"]),
        last["summary"],
        environment=found.environment,
        kernel=found.kernel,
        checked_at=_seconds(last["checked_at"]),
    )


def _seconds(spoken: str | None) -> float:
    return datetime.fromisoformat(spoken).timestamp() if spoken else 0.0


def spoken_time(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 has it, in UTC; "" for 0."""
    if not seconds:
        return ""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")


class GoKernelError(Exception):
    """Base of every failure a user can meet.

    `str()` gives one sentence and the remedy; the attributes give the same as data.
    Subclasses set `id` and build `summary` from what they are given.
    """

    id = "error"

    def __init__(self, summary: str, remedy: Remedy | str | None = None, *, evidence: str = ""):
        super().__init__(summary)
        self.summary = summary
        self.remedy = Remedy(remedy) if isinstance(remedy, str) else remedy
        self.evidence = evidence

    def __str__(self) -> str:
        """Sentence and remedy."""
        return f"{self.summary} {self.remedy}" if self.remedy else self.summary

    def finding(self, environment: object = "") -> Finding:
        """The same failure as a finding."""
        return Finding(
            id=self.id,
            status=Status.ERROR,
            summary=self.summary,
            evidence=self.evidence,
            remedy=self.remedy,
            environment=str(environment),
        )


class FindingError(GoKernelError):
    """A finding that somebody could not go on with."""

    def __init__(self, finding: Finding):
        super().__init__(finding.summary, finding.remedy, evidence=finding.evidence)
        self.id = finding.id
        self.environment = finding.environment

    def finding(self, environment: object = "") -> Finding:
        """The finding this was made from."""
        return super().finding(environment or self.environment)


@dataclass
class Findings:
    """A growing list that functions are handed to leave their findings in."""

    items: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Append one."""
        self.items.append(finding)
