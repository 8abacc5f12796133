"""What a check is, and the words it answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from go_kernel.findings import Finding, Fix, Remedy, Status
from go_kernel.health.context import Context


class Kind(str, Enum):
    """How much a check does."""

    STATIC = "static"  # reads files, starts nothing
    LIVE = "live"  # starts processes, or speaks with other machines


class About(str, Enum):
    """What a check looks at."""

    ENVIRONMENT = "environment"
    MACHINE = "machine"


Answer = Finding | Iterable[Finding]


@dataclass(frozen=True)
class Check:
    """One check.

    `id` is also the id of its findings.  `run` answers with one finding, or with
    several where it looks at several kernels or folders; one about each, with
    `kernel` or `evidence` telling them apart.  It may raise GoKernelError, which
    becomes a finding of status error.  `seconds` is how long it may take.  Where
    a check in `needs` found an error, this one is skipped.
    `title`, `broken_by` and `mended_by` are for people: `doctor --list` and the docs.
    """

    id: str
    title: str
    run: Callable[[Context], Answer]
    broken_by: str
    mended_by: str
    kind: Kind = Kind.STATIC
    about: About = About.ENVIRONMENT
    seconds: float = 5.0
    needs: tuple[str, ...] = ("toolchain.present",)
    fixes: tuple[str, ...] = ()


def ok(summary: str, evidence: str = "", *, kernel: str = "") -> Finding:
    """All is well."""
    return _finding(Status.OK, summary, None, evidence, "", kernel)


def skipped(summary: str, evidence: str = "", *, kernel: str = "") -> Finding:
    """There is nothing to look at."""
    return _finding(Status.SKIPPED, summary, None, evidence, "", kernel)


def unknown(summary: str, remedy: Remedy | None = None, *, evidence: str = "") -> Finding:
    """It could not be found out."""
    return _finding(Status.UNKNOWN, summary, remedy, evidence, "", "")


def info(
    summary: str,
    remedy: Remedy | None = None,
    *,
    evidence: str = "",
    fix: str = "",
    kernel: str = "",
) -> Finding:
    """Worth knowing, and nothing to worry about."""
    return _finding(Status.INFO, summary, remedy, evidence, fix, kernel)


def warn(
    summary: str,
    remedy: Remedy | None = None,
    *,
    evidence: str = "",
    fix: str = "",
    kernel: str = "",
) -> Finding:
    """Kernels start, but something will go wrong."""
    return _finding(Status.WARN, summary, remedy, evidence, fix, kernel)


def error(
    summary: str,
    remedy: Remedy | None = None,
    *,
    evidence: str = "",
    fix: str = "",
    kernel: str = "",
) -> Finding:
    """Kernels don't start, or can't be trusted."""
    return _finding(Status.ERROR, summary, remedy, evidence, fix, kernel)


def _finding(
    status: Status, summary: str, remedy: Remedy | None, evidence: str, fix: str, kernel: str
) -> Finding:
    """The check's id and the environment are put in by the runner, the fix by `offers`."""
    offered = Fix(fix) if fix else None
    return Finding("", status, summary, evidence, remedy, kernel=kernel, fix=offered)
