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
from go_kernel.findings import Risk
from go_kernel.folders import cache_folder
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import FixFailed
from go_kernel.offline.staging import staging
from go_kernel.project.go import ProjectGo
from go_kernel.project.repair import repair

ID = "project.repair"


def plan(context: Context) -> Plan | None:
    """What would repair the project that is looked at; None without one.

    Raises RepairError, CommandError, and as `resolve.resolve`.
    """
    folder = context.around.project
    if folder is None or context.subject.target is None:
        return None
    variables = context.activated.environment.as_dict()
    go = ProjectGo(context.toolchain.go, variables, network=True)
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
    made = Plan(found.steps, found.apply, found.digest)
    # What was made is needed for as long as the plan may still be done.
    weakref.finalize(made, kept.close)
    return made


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
