"""Do the hooks of an environment still hold, where somebody installed any?"""

from __future__ import annotations

from go_kernel.health.check import Answer, Check, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.hooks import installed
from go_kernel.hooks.installed import State


def _current(context: Context) -> Answer:
    target = context.subject.target
    prefix = target.prefix if target else None
    if prefix is None:
        return skipped("Hooks belong to conda environments, and this Go is in none.")
    found = installed.look(prefix)
    if found.finding is not None:
        assert found.finding.remedy is not None
        return warn(found.problem, found.finding.remedy, evidence="\n".join(found.files))
    if found.state is State.NONE:
        return ok("There are no hooks in this environment.")
    return ok("The hooks are whole, and were made for this Go.")


CURRENT = Check(
    "hooks.current",
    "The environment's hooks hold for its Go",
    _current,
    broken_by="Hooks that somebody changed, or a `go` that changed since they were installed: "
    "they set nothing then.",
    mended_by="`jupyter gokernel hooks install --env ENV`, if you know why.",
)
