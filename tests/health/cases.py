"""Cases for checks: a subject made well or broken in one way, and what its user is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from go_kernel.findings import Finding, Status, worst
from go_kernel.health import catalogue
from go_kernel.health.context import Context
from go_kernel.health.runner import run_one
from tests.health.conftest import World


@dataclass(frozen=True)
class Case:
    """`make` puts it together; the answer's worst status, words in it, and the fix it names."""

    check: str
    make: Callable[[World], Context]
    status: Status = Status.OK
    words: str = ""
    fix: str = ""

    def __str__(self) -> str:
        """What pytest shows."""
        return f"{self.check}-{self.make.__name__.strip('_')}"


def judge(case: Case, world: World) -> list[Finding]:
    """Run the check on its case and hold the answer against it."""
    context = case.make(world)
    check = next(one for one in catalogue.STATIC if one.id == case.check)
    found = run_one(check, context)
    said = "\n".join(f"{one.status.value} {one} [{one.evidence}]" for one in found)
    assert found
    assert worst(found) is case.status, said
    told = [one for one in found if one.status is case.status]
    assert case.words in " ".join(map(str, told)), said
    fixes = {one.fix.id for one in told if one.fix}
    assert fixes == ({case.fix} if case.fix else set()), said
    assert fixes <= set(check.fixes)
    for one in found:
        assert "\n" not in one.summary, said
        if one.status in (Status.INFO, Status.WARN, Status.ERROR):
            assert one.remedy is not None, said
    return found
