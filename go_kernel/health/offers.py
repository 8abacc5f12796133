"""Putting to each finding what its fix would do, and doing it once somebody agreed."""

from __future__ import annotations

from dataclasses import replace

from go_kernel.findings import Finding, Fix, GoKernelError
from go_kernel.health.context import Context
from go_kernel.health.fix import NoPlan, NothingToFix, Plan, PlanChanged
from go_kernel.health.fixes import registry
from go_kernel.health.limits import Silent, within

# For a plan; it reads what the check has just read.
_SECONDS = 30.0


def offered(finding: Finding, context: Context) -> Finding:
    """The finding with its fix's risk and preview; without fix where there is nothing to do."""
    if finding.fix is None:
        return finding
    try:
        kind = registry.get(finding.fix.id)
        if kind.costly:
            return replace(finding, fix=Fix(kind.id, kind.risk))
        plan = within(_SECONDS, lambda: kind.plan(context), f"plan of {kind.id}")
    except (GoKernelError, OSError, Silent):
        plan = None
    if plan is None:
        return replace(finding, fix=None)
    return replace(finding, fix=Fix(kind.id, kind.risk, plan.preview))


def plan(fix: str, context: Context) -> Plan:
    """What a fix would do; raises UnknownFix, NothingToFix and NoPlan."""
    kind = registry.get(fix)
    try:
        found = (
            kind.plan(context)
            if kind.costly
            else within(_SECONDS, lambda: kind.plan(context), f"plan of {kind.id}")
        )
    except Silent:
        raise NoPlan(fix, context.subject.name, _SECONDS) from None
    if found is None:
        raise NothingToFix(fix, context.subject.name)
    return found


def apply(fix: str, context: Context, token: str) -> None:
    """Do what was agreed to by its token; raises as `plan`, PlanChanged, and as the fix does."""
    found = plan(fix, context)
    if found.token != token:
        raise PlanChanged(fix)
    found.apply()
