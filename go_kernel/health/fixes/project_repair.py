"""`project.repair`: a project tidied or vendored anew, put back where fewer packages build.

It asks the environment's own GOPROXY, as the person's `go mod tidy` would; for offline
kernels that is what they have.
"""

from __future__ import annotations

import os
import weakref
from contextlib import ExitStack
from pathlib import Path

from go_kernel.files import private_folder
from go_kernel.findings import FindingError, Risk
from go_kernel.folders import cache_folder
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import FixFailed
from go_kernel.health.project.looked import REPAIR
from go_kernel.health.project.said import in_terminal
from go_kernel.offline.staging import staging
from go_kernel.project.go import ProjectGo
from go_kernel.project.repair import repair

ID = REPAIR
_DECIDING = ("GOFLAGS", "GOWORK", "GO111MODULE")


def plan(context: Context) -> Plan | None:
    """What would repair the project that is looked at; None without one.

    Raises RepairError, CommandError, FindingError for a `go` that may not be run, and as
    `resolve.resolve`.
    """
    folder = context.around.project
    if folder is None or context.subject.target is None:
        return None
    # Looked at first without running anything, then with what activation scripts set.
    wrong = context.resolved.environment.errors or context.activated.environment.errors
    if wrong:
        raise FindingError(wrong[0])
    go = ProjectGo(context.toolchain.go, _variables(context), network=True)
    kept = ExitStack()
    try:
        place = kept.enter_context(staging(_store(context)))
        found = repair.plan(go, Path(os.path.realpath(folder)), _empty(place), context.progress)
    except OSError as error:
        kept.close()
        raise FixFailed(_store(context), error) from error
    except BaseException:
        kept.close()
        raise
    if found is None:
        kept.close()
        return None
    made = Plan(found.steps, found.apply, found.digest, found.risk, found.leads_on)
    # What was made is needed for as long as the plan may still be done.
    weakref.finalize(made, kept.close)
    return made


def _variables(context: Context) -> dict[str, str]:
    """A kernel's, but what decides which files count as a terminal has it."""
    kernels = context.activated.environment.as_dict()
    said = in_terminal(context)
    decided = {name: said[name].value for name in _DECIDING if name in said}
    return {**{name: v for name, v in kernels.items() if name not in _DECIDING}, **decided}


def _store(context: Context) -> Path:
    return private_folder(cache_folder(context.env) / "repairs")


def _empty(place: Path) -> Path:
    empty = place / "project"
    empty.mkdir()
    return empty


FIX = FixKind(
    id=ID,
    title="Repair the project",
    risk=Risk.MEDIUM,
    plan=plan,
    recheck=(),
    costly=True,
)
