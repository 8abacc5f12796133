"""Running checks: each within its own time, none able to take the others down.

A check runs in a thread of its own.  One that does not come back in time (a hanging
network file system) is left behind in it; the thread is a daemon and doesn't keep the
process from ending.  Subjects run side by side, the checks of one after each other.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from go_kernel.findings import Finding, GoKernelError, Remedy, Status
from go_kernel.health.check import About, Check, skipped, unknown
from go_kernel.health.context import Context
from go_kernel.health.limits import Silent, shown, within
from go_kernel.health.subject import MACHINE

_SIDE_BY_SIDE = 4
# After so many checks without an answer an environment is let be: each takes seconds.
_SILENCES = 3
# What is shown of a finding, in characters.
_SENTENCES = 2000
_EVIDENCE = 20_000


def run(
    checks: Sequence[Check],
    contexts: Sequence[Context],
    *,
    found: Callable[[Finding], None] = lambda finding: None,
    ended: Callable[[Context, Sequence[Finding]], None] = lambda context, findings: None,
) -> list[Finding]:
    """The findings of all checks that apply, by subject, in the checks' order.

    `found` is called with each as it comes, `ended` with all of a subject's, both from
    several threads.  Never raises for what a check does.
    """
    lanes = queue.SimpleQueue[int]()
    for number in range(len(contexts)):
        lanes.put(number)
    lists: dict[int, list[Finding]] = {}
    errors: list[BaseException] = []

    def lane() -> None:
        with suppress(queue.Empty):
            while not errors:
                number = lanes.get_nowait()
                try:
                    lists[number] = list(_of_subject(checks, contexts[number], found))
                    ended(contexts[number], lists[number])
                except BaseException as error:
                    errors.append(error)

    # No pool of the standard library: its threads keep a process from ending.
    threads = [
        threading.Thread(target=lane, name="checks", daemon=True)
        for _ in range(min(_SIDE_BY_SIDE, len(contexts)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [finding for _, findings in sorted(lists.items()) for finding in findings]


def applies(check: Check, context: Context) -> bool:
    """Whether a check is about this subject."""
    return (check.about is About.MACHINE) == (context.subject.id == MACHINE)


def _of_subject(
    checks: Sequence[Check], context: Context, found: Callable[[Finding], None]
) -> Iterator[Finding]:
    failed: set[str] = set()
    silent = 0
    for check in checks:
        if not applies(check, context):
            continue
        missing = next((need for need in check.needs if need in failed), "")
        if missing:
            findings = [_unlooked(f"{missing} failed or gave no answer", check, context)]
        elif silent >= _SILENCES:
            findings = [_unlooked("too many checks before it gave no answer", check, context)]
        else:
            findings = run_one(check, context)
            silent += any(_is_silent(finding, check) for finding in findings)
        if missing or any(_stops_others(finding, check) for finding in findings):
            failed.add(check.id)
        for finding in findings:
            found(finding)
            yield finding


def _stops_others(finding: Finding, check: Check) -> bool:
    """Whether what needs this has nothing to look at: a place that is silent stays so."""
    return finding.status is Status.ERROR or _is_silent(finding, check)


def _is_silent(finding: Finding, check: Check) -> bool:
    return finding.status is Status.UNKNOWN and finding.duration_ms >= check.seconds * 1000


def run_one(check: Check, context: Context) -> list[Finding]:
    """The findings of one check; `unknown` where it crashed or took too long."""
    began = time.monotonic()
    try:
        answers = within(check.seconds, lambda: _answer(check, context), check.id)
    except Silent:
        answers = [unknown(f"{check.title}: no answer within {check.seconds:g} s.")]
    took = (time.monotonic() - began) * 1000
    return [_signed(finding, check, context, took) for finding in answers]


def _answer(check: Check, context: Context) -> Sequence[Finding]:
    try:
        answer = check.run(context)
        return [answer] if isinstance(answer, Finding) else list(answer)
    except GoKernelError as error:
        return [error.finding()]
    except BaseException as error:
        # Whatever a check runs into: the others must be seen, and this one, too.
        return [unknown(f"{check.title}: the check failed ({type(error).__name__}: {error}).")]


def _unlooked(why: str, check: Check, context: Context) -> Finding:
    return _signed(skipped(f"Not looked at, because {why}."), check, context, 0.0)


def _signed(finding: Finding, check: Check, context: Context, took: float) -> Finding:
    remedy = finding.remedy and Remedy(
        shown(finding.remedy.text, _SENTENCES),
        tuple(shown(command, _SENTENCES) for command in finding.remedy.commands),
    )
    return replace(
        finding,
        id=check.id,
        summary=shown(finding.summary, _SENTENCES),
        evidence=shown(finding.evidence, _EVIDENCE),
        remedy=remedy,
        environment=context.subject.place,
        duration_ms=took,
        checked_at=time.time(),
    )
