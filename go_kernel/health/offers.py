"""Putting to each finding what its fix would do, and doing it once somebody agreed."""

from __future__ import annotations

from dataclasses import replace

from go_kernel.findings import Finding, Fix, GoKernelError
from go_kernel.health.context import Context
from go_kernel.health.fix import NothingToFix, Plan, PlanChanged
from go_kernel.health.fixes import registry


def offered(finding: Finding, context: Context) -> Finding:
    """The finding with its fix's risk and preview; without fix where there is nothing to do."""
    if finding.fix is None:
        return finding
    try:
        kind = registry.get(finding.fix.id)
        plan = kind.plan(context)
    except (GoKernelError, OSError):
        plan = None
    if plan is None:
        return replace(finding, fix=None)
    return replace(finding, fix=Fix(kind.id, kind.risk, plan.preview))


def plan(fix: str, context: Context) -> Plan:
    """What a fix would do; raises UnknownFix and NothingToFix."""
    kind = registry.get(fix)
    found = kind.plan(context)
    if found is None:
        raise NothingToFix(fix, context.subject.name)
    return found


def apply(fix: str, context: Context, token: str) -> None:
    """Do what was agreed to by its token; raises as `plan`, PlanChanged, and as the fix does."""
    found = plan(fix, context)
    if found.token != token:
        raise PlanChanged(fix)
    found.apply()
