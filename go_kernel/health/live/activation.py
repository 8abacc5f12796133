"""Do the environment's activation scripts run, now?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from go_kernel import resolve
from go_kernel.conda import scripts
from go_kernel.findings import Finding, Status
from go_kernel.health.check import Check, Kind, info, ok, skipped
from go_kernel.health.context import Context

_SECONDS = 45.0
# For the scripts, twice where nothing is remembered of them.
_FOR_SCRIPTS = 20.0


def afresh(context: Context) -> Iterable[Finding]:
    """Run them anew, whatever is remembered; kernels then get this outcome."""
    prefix = context.target.prefix
    if prefix is None:
        return [skipped("Only conda environments have activation scripts.")]
    found = scripts.scripts_of(prefix)
    if not found:
        return [ok("The environment has no activation scripts.")]
    before = context.resolved.environment.as_dict()
    remembered = not _said(context.resolved.environment.findings)
    now = resolve.resolve(
        context.config.target,
        context.env,
        cache=context.around.cache,
        policy=context.config.under(context.around.policy),
        timeout=min(context.around.limits.activation, _FOR_SCRIPTS),
        afresh=True,
    ).environment
    said = _said(now.findings)
    if said:
        return said
    names = _differing(before, now.as_dict()) if remembered else []
    if names:
        return [
            info(
                f"The activation scripts set {', '.join(names)} to other values than before; new "
                "kernels get the new ones.",
                evidence=_listed(found),
            )
        ]
    count = "script runs" if len(found) == 1 else "scripts run"
    return [ok(f"{len(found)} activation {count} without fault.", _listed(found))]


def _said(findings: Iterable[Finding]) -> list[Finding]:
    """What was found while activating, in the words of the one who found it."""
    return [
        replace(one, evidence=f"{one.id}\n{one.evidence}".strip())
        for one in findings
        if one.id.startswith("activation.") and one.status is not Status.OK
    ]


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _listed(found: Iterable[object]) -> str:
    return "\n".join(map(str, found))


AFRESH = Check(
    id="activation.afresh",
    title="Activation scripts run without fault",
    run=afresh,
    broken_by="A script in etc/conda/activate.d that fails, exits, or takes too long.",
    mended_by="Updating or reinstalling the package that brought the script.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
)
