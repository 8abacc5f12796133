"""Was a repair of the project killed midway?"""

from __future__ import annotations

from go_kernel.findings import Finding
from go_kernel.health.check import error, ok
from go_kernel.health.project.looked import REPAIR, Looked, of_modules
from go_kernel.project.repair import swap
from go_kernel.project.repair.journal import FOLDER


@of_modules
def look(looked: Looked) -> Finding:
    """What is there may be half old and half new; what was there is kept beside it."""
    own = looked.force.own
    if own is None or not swap.is_interrupted(own.folder):
        return ok("No repair of it was killed midway.")
    return error(
        f"A repair of {own.folder} was killed midway: its files may not fit together.",
        evidence=f"what was there before: {own.folder / FOLDER / 'old'}",
        fix=REPAIR,
    )
