"""What a fix is: something of ours that can be done, previewed, and done again harmlessly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from go_kernel.findings import GoKernelError, Risk
from go_kernel.health.context import Context
from go_kernel.health.limits import shown

# What is shown of a plan, in characters.
_PREVIEW = 20_000


@dataclass(frozen=True)
class Plan:
    """What a fix would do here and now: a sentence a step, and the steps themselves.

    The steps may take long and report by the context's `progress`; they raise
    GoKernelError, and leave nothing half-done when they do.  `proof` stands for all that
    the sentences leave out, `risk` is this plan's own where it isn't its kind's, and where it
    `leads_on`, only another plan after it says what else there is to do.
    """

    steps: Sequence[str]
    apply: Callable[[], None]
    proof: str = ""
    risk: Risk | None = None
    leads_on: bool = False

    @property
    def preview(self) -> str:
        """The sentences, one a line, as they may be shown."""
        return shown("\n".join(self.steps), _PREVIEW)

    @property
    def token(self) -> str:
        """Changes with the preview: whoever agrees to one plan doesn't get another."""
        whole = "\n".join([*self.steps, self.proof]).encode("utf-8", "surrogateescape")
        return hashlib.sha256(whole).hexdigest()[:16]


@dataclass(frozen=True)
class FixKind:
    """One kind of repair.

    `plan` looks at the subject afresh and says what would be done, None where there is
    nothing to do.  It changes nothing, starts no process, and trusts nothing but what it
    sees: a finding only says that it is worth asking.  `recheck` are the checks to run
    afterwards.  A `costly` one starts processes to make its plan, limits their time itself,
    and is planned only when somebody asks for it.
    """

    id: str
    title: str
    risk: Risk
    plan: Callable[[Context], Plan | None]
    recheck: tuple[str, ...]
    costly: bool = False


class UnknownFix(GoKernelError):
    """There is no fix of this id."""

    id = "health.unknown-fix"

    def __init__(self, said: str):
        super().__init__(
            f"There is no fix called {said!r}.",
            "`jupyter gokernel doctor` names those that would help.",
        )
        self.said = said


class NothingToFix(GoKernelError):
    """The fix has nothing to do here (any more)."""

    id = "health.nothing-to-fix"

    def __init__(self, fix: str, where: str):
        super().__init__(f"There is nothing to do for {fix} in {where}.", "Check again.")
        self.fix = fix


class NoPlan(GoKernelError):
    """What a fix would do could not be found out in time."""

    id = "health.no-plan"

    def __init__(self, fix: str, where: str, seconds: float):
        super().__init__(
            f"What {fix} would do in {where} could not be found out within {seconds:g} s.",
            "See whether its disk answers, and check again.",
        )
        self.fix = fix


class PlanChanged(GoKernelError):
    """Something else would be done now than was agreed to."""

    id = "health.plan-changed"

    def __init__(self, fix: str):
        super().__init__(
            f"What {fix} would do has changed since it was shown.", "Look at it again."
        )
        self.fix = fix
