"""Running checks: each within its own time, none able to take the others down.

A check runs in a thread of its own.  One that does not come back in time (a hanging
network file system) is left behind in it; the thread is a daemon and doesn't keep the
process from ending.  Subjects run side by side, the checks of one after each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from go_kernel.findings import Finding, GoKernelError, Status
from go_kernel.health.check import About, Check, skipped, unknown
from go_kernel.health.context import Context
from go_kernel.health.subject import MACHINE

_SIDE_BY_SIDE = 4


def run(
    checks: Sequence[Check],
    contexts: Sequence[Context],
    *,
    found: Callable[[Finding], None] = lambda finding: None,
) -> list[Finding]:
    """The findings of all checks that apply, by subject, in the checks' order.

    `found` is called with each as it comes, from several threads.  Never raises for what
    a check does.
    """
    with ThreadPoolExecutor(max(1, min(_SIDE_BY_SIDE, len(contexts)))) as pool:
        lists = pool.map(lambda context: list(_of_subject(checks, context, found)), contexts)
        return [finding for one in lists for finding in one]


def applies(check: Check, context: Context) -> bool:
    """Whether a check is about this subject."""
    return (check.about is About.MACHINE) == (context.subject.id == MACHINE)


def _of_subject(
    checks: Sequence[Check], context: Context, found: Callable[[Finding], None]
) -> Iterator[Finding]:
    failed: set[str] = set()
    for check in checks:
        if not applies(check, context):
            continue
        missing = next((need for need in check.needs if need in failed), "")
        findings = _needless(check, missing, context) if missing else run_one(check, context)
        if missing or any(_stops_others(finding, check) for finding in findings):
            failed.add(check.id)
        for finding in findings:
            found(finding)
            yield finding


def _stops_others(finding: Finding, check: Check) -> bool:
    """Whether what needs this has nothing to look at: a place that is silent stays so."""
    silent = finding.status is Status.UNKNOWN and finding.duration_ms >= check.seconds * 1000
    return silent or finding.status is Status.ERROR


def run_one(check: Check, context: Context) -> list[Finding]:
    """The findings of one check; `unknown` where it crashed or took too long."""
    began = time.monotonic()
    answers: list[Sequence[Finding]] = []
    thread = threading.Thread(
        target=lambda: answers.append(_answer(check, context)), name=check.id, daemon=True
    )
    thread.start()
    thread.join(check.seconds)
    if not answers:
        answers.append([unknown(f"{check.title}: no answer within {check.seconds:g} s.")])
    took = (time.monotonic() - began) * 1000
    return [_signed(finding, check, context, took) for finding in answers[0]]


def _answer(check: Check, context: Context) -> Sequence[Finding]:
    try:
        answer = check.run(context)
        return [answer] if isinstance(answer, Finding) else list(answer)
    except GoKernelError as error:
        return [error.finding()]
    except BaseException as error:
        # Whatever a check runs into: the others must be seen, and this one, too.
        return [unknown(f"{check.title}: the check failed ({type(error).__name__}: {error}).")]


def _needless(check: Check, missing: str, context: Context) -> list[Finding]:
    finding = skipped(f"Not looked at, because {missing} failed or gave no answer.")
    return [_signed(finding, check, context, 0.0)]


def _signed(finding: Finding, check: Check, context: Context, took: float) -> Finding:
    return replace(
        finding,
        id=check.id,
        environment=context.subject.place,
        duration_ms=took,
        checked_at=time.time(),
    )
