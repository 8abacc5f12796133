"""`bundles.sweep`: remove what killed ones left in the stores of bundles."""

from __future__ import annotations

from pathlib import Path

from go_kernel.files import foreign_writer, writable
from go_kernel.findings import Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import FixFailed, changing
from go_kernel.health.static.offline import stores_with_remains
from go_kernel.offline import staging


def plan(context: Context) -> Plan | None:
    """The leftovers in stores that are ours to change."""
    left = [
        path
        for store in stores_with_remains(context)
        if writable(store) and not foreign_writer(store)
        for path in staging.leftovers(store)
    ]
    if not left:
        return None
    steps = [f"Remove {path}, of a bundle that was never wholly there." for path in left]
    return Plan(steps, lambda: _remove(left, context))


def _remove(left: list[Path], context: Context) -> None:
    for store in dict.fromkeys(path.parent for path in left):
        with changing(context, store):
            staging.sweep(store)
    for path in left:
        if path.exists():
            raise FixFailed(path, OSError(None, "it is still there"))


FIX = FixKind(
    id="bundles.sweep",
    title="Remove what is left of bundles",
    risk=Risk.NONE,
    plan=plan,
    recheck=("offline.leftovers",),
)
