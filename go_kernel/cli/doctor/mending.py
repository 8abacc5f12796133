"""`doctor --fix`: say what would be done, ask, do it, look again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from go_kernel.cli import output
from go_kernel.cli.command import GoKernelCommand
from go_kernel.cli.doctor import owners, shown
from go_kernel.cli.doctor.examination import Examination
from go_kernel.cli.errors import FAILED
from go_kernel.findings import Finding, GoKernelError, Risk, Status
from go_kernel.health import catalogue, offers, subject
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, NothingToFix, Plan
from go_kernel.health.fixes import project_repair, registry
from go_kernel.health.report import Report

_RISKS = {"none": "takes nothing away", "low": "replaces what can be made again"}
_RISKS["medium"] = "changes what somebody decided"


@dataclass(frozen=True)
class Outcome:
    """What became of one fix: "planned", "done" or "failed"; and what the checks say now."""

    fix: FixKind
    context: Context
    plan: Plan
    state: str = "planned"
    error: GoKernelError | None = None
    findings: tuple[Finding, ...] = ()
    is_gone: bool = False  # there is nothing left to be looked at

    @property
    def risk(self) -> Risk:
        """What it could cost."""
        return self.plan.risk or self.fix.risk


def mend(command: GoKernelCommand, looked: Examination, named: str = "") -> int:
    """Do the fixes that are needed, or the one that is named; give back the exit code.

    Each is shown and asked for on its own.  Where nobody can be asked, and nobody
    said -y, nothing is done, and that is no success.
    """
    outcomes = [*_outcomes(command, looked, named)]
    if named and not outcomes and not looked.report.findings and looked.is_static:
        looked.examine()  # what nobody can mend may be wrong nevertheless
    others = [*owners.told(looked)] if not outcomes else []
    if command.as_json:
        _print_json(looked, outcomes)
    elif not outcomes:
        print(_nothing(looked.report, named, is_others=bool(others)))
        for line in others:
            output.say(line)
    elif any(one.state == "planned" for one in outcomes) and not _can_ask():
        output.say("Nothing was done. Add -y to have it done without being asked.")
    undone = any(one.state != "done" for one in outcomes)
    still = Report(tuple(one for each in outcomes for one in each.findings)).status
    left = not named and looked.report.status is Status.ERROR and not outcomes
    return FAILED if undone or still is Status.ERROR or left or others else 0


def _nothing(report: Report, named: str, *, is_others: bool) -> str:
    """Why nothing was done."""
    bad = any(one.status in (Status.WARN, Status.ERROR) for one in report.findings)
    if is_others or (bad and not named):
        return "There is nothing that could be mended."
    if not named and any(one.fix for one in report.findings):
        return "There is nothing to mend; what is offered above is done by its ID."
    return "There is nothing to mend."


def _outcomes(command: GoKernelCommand, looked: Examination, named: str) -> Iterator[Outcome]:
    for kind, context in _wanted(looked, named):
        while outcome := _planned(command, looked, kind, context, named):
            if not command.as_json:
                _show(outcome)
            if command.answer_yes or (not command.as_json and _can_ask() and _agreed()):
                outcome = _done(looked, outcome, quiet=command.as_json)
            yield outcome
            if not (outcome.state == "done" and outcome.plan.leads_on):
                break


def _planned(
    command: GoKernelCommand, looked: Examination, kind: FixKind, context: Context, named: str
) -> Outcome | None:
    """What would be done by now; None where that is nothing."""
    now = looked.afresh(context)
    try:
        with output.progress(now.subject.name) as line:
            return Outcome(kind, now, offers.plan(kind.id, replace(now, progress=line)))
    except NothingToFix:
        return None  # an earlier fix did it, or it needn't be done here
    except (GoKernelError, OSError) as error:
        # Whoever names a project shall know why it can't be repaired.
        if kind is project_repair.FIX or (named and len(looked.contexts) == 1):
            raise
        command.log.debug("%s in %s: %s", kind.id, now.subject.name, error)
        return None


def _wanted(looked: Examination, named: str) -> list[tuple[FixKind, Context]]:
    """Which fixes to look into, and for what."""
    if named and not looked.is_whole:
        return [(registry.get(named), context) for context in looked.contexts]
    by_place = {one.subject.place: one for one in looked.contexts}
    needed = {
        (one.fix.id, one.environment): None
        for one in looked.report.findings
        if one.fix and (one.fix.id == named if named else shown.is_needed(one))
    }
    if looked.around.project is not None and not named:
        # What is to be done in a project only its plan can tell; it comes after the others.
        mine = {(project_repair.ID, place): None for place in by_place}
        needed = {one: None for one in needed if one not in mine} | mine
    return [(registry.get(fix), by_place[place]) for fix, place in needed]


def _done(looked: Examination, outcome: Outcome, *, quiet: bool) -> Outcome:
    kind, context = outcome.fix, outcome.context
    try:
        with output.progress(context.subject.name) as line:
            # What was shown is done, or nothing: the plan is made once more and compared.
            offers.apply(kind.id, replace(context, progress=line), outcome.plan.token)
    except GoKernelError as error:
        output.say(f"Error: {error}")
        return replace(outcome, state="failed", error=error)
    if outcome.plan.leads_on:
        if not quiet:
            print("Done.")
        return replace(outcome, state="done")
    now = looked.afresh(context)
    if subject.is_forgotten(now.subject):
        if not quiet:
            print(output.printable(f"Done. No kernel is for {now.subject.name} any more."))
        return replace(outcome, state="done", is_gone=True)
    known = {check.id for check in catalogue.CHECKS}
    again = [one for one in kind.recheck if one in known]
    checks = catalogue.chosen(again) if again else []
    if kind is project_repair.FIX:
        checks = looked.of_project()
        again = [check.id for check in checks]
    findings = looked.look(checks, [now]) if checks else []
    mine = tuple(
        one
        for one in findings
        if one.id in again and not (kind is project_repair.FIX and one.status is Status.SKIPPED)
    )
    if not quiet:
        print("Done.")
        shown.show_findings(mine)
    return replace(outcome, state="done", findings=mine)


def _show(outcome: Outcome) -> None:
    kind, name = outcome.fix, outcome.context.subject.name
    print(output.printable(f"{name}: {kind.title} ({kind.id}; {_RISKS[outcome.risk.value]})"))
    for step in outcome.plan.steps:
        print(output.printable(f"  {step}"))


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _agreed() -> bool:
    print("Do it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _print_json(looked: Examination, outcomes: list[Outcome]) -> None:
    report = looked.report
    for outcome in outcomes:
        report = report.with_newer(outcome.findings)
        if outcome.is_gone:
            report = report.without(outcome.context.subject.place)
    output.print_json({**report.to_dict(), "fixes": [_plain(one) for one in outcomes]})


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.fix.id,
        "environment": outcome.context.subject.place,
        "risk": outcome.risk.value,
        "preview": outcome.plan.preview,
        "state": outcome.state,
        "error": outcome.error.finding(outcome.context.subject.place).to_dict()
        if outcome.error
        else None,
    }
