"""Do kernels start and compute?"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

from go_kernel.findings import Finding, Fix, GoKernelError, Remedy
from go_kernel.health.check import Check, Kind, error, ok
from go_kernel.health.context import Context
from go_kernel.health.live import kernels, trial
from go_kernel.health.live.engine import each

# A kernel whose engine isn't built builds it.
_SECONDS = 660.0
_TO_FINISH = 10.0
_FOR_ONE = 90.0
_CELLS = {"gonb": "%%\nfmt.Println(6*7)"}


def answers(context: Context) -> Iterable[Finding]:
    """Start each kernel of the environment, have it compute, shut it down."""
    deadline = time.monotonic() + _SECONDS - _TO_FINISH
    for name, one in each(context):
        try:
            yield _asked(one, name, deadline)
        except GoKernelError as failure:
            silent = isinstance(failure, kernels.KernelSilent)
            fix = Fix("engine.rebuild") if silent else None
            yield replace(failure.finding(), kernel=name, fix=fix)


def _asked(context: Context, name: str, deadline: float) -> Finding:
    engine = context.config.engine
    kernels.build_engine(context, deadline - _FOR_ONE)
    context.progress(f"starting {name or f'a kernel ({engine})'}")
    began = time.monotonic()
    with kernels.started(context, min(deadline, began + _FOR_ONE)) as kernel:
        ready = time.monotonic() - began
        said = kernel.run(_CELLS.get(engine, "6*7")).strip()
    if said != "42":
        return error(
            f"The kernel answers 6*7 with {said[:80]!r}.",
            Remedy("Build its engine again."),
            evidence=said,
            fix="engine.rebuild",
            kernel=name,
        )
    what = "The kernel" if name else "A kernel that is not installed yet"
    return ok(f"{what} starts in {ready:.1f} s and answers.", kernel=name)


ANSWERS = Check(
    id="kernel.answers",
    title="Kernels start and answer",
    run=answers,
    broken_by="An engine that doesn't start, a scratch folder that forbids programs, no ports.",
    mended_by="Building the engine again, or what the finding says.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
    needs=(*trial.NEEDS, "engine.intact"),
    fixes=("engine.rebuild",),
)
