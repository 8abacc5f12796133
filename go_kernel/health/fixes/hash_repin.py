"""`hash.repin`: believe the `go` outside of conda that is there now.

Inside conda the package's record says what `go` should be, and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from go_kernel import digests, installed, kernelspec
from go_kernel.files import writable
from go_kernel.findings import Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan, PlanChanged
from go_kernel.health.fixes.doing import changing
from go_kernel.installed import Kernel
from go_kernel.kernelspec import Spec

_ID = "hash.repin"


def plan(context: Context) -> Plan | None:
    """The kernels whose configuration names another hash; raises as `find_toolchain` does."""
    if context.subject.target is None or context.target.prefix is not None:
        return None
    go = context.toolchain.go
    actual = digests.sha256(go)
    outdated = [*_outdated(context, actual)]
    if not outdated:
        return None
    steps = [
        f"In {kernel.folder / 'kernel.json'}, expect of {go} the SHA-256 {actual} instead of "
        f"{kernel.config.go_sha256}."
        for kernel in outdated
        if kernel.config
    ]
    return Plan(steps, lambda: _repin(outdated, actual, context))


def _outdated(context: Context, actual: str) -> Iterator[Kernel]:
    for kernel in context.subject.kernels:
        pinned = kernel.config.go_sha256 if kernel.config and kernel.config.goroot else ""
        if pinned and pinned != actual and writable(kernel.folder):
            yield kernel


def _repin(kernels: list[Kernel], actual: str, context: Context) -> None:
    for kernel in kernels:
        with changing(context, kernel.folder):
            now = installed.read(kernel.folder)
            if digests.sha256(context.toolchain.go) != actual or now is None:
                raise PlanChanged(_ID)
            kernelspec.write(_spec(now, actual), kernel.folder.parent, replace=True)


def _spec(kernel: Kernel, actual: str) -> Spec:
    if kernel.config is None:
        raise PlanChanged(_ID)
    argv = kernel.content.get("argv")
    return kernelspec.spec_for(
        replace(kernel.config, go_sha256=actual),
        name=kernel.name,
        shown=kernel.display_name,
        # Its own Python: `kernelspec.reinstall` is for those that name a wrong one.
        **({"python": str(argv[0])} if isinstance(argv, list) and argv else {}),
        portable=kernel.portable,
    )


FIX = FixKind(
    id=_ID,
    title="Trust the Go that is there",
    risk=Risk.MEDIUM,
    plan=plan,
    recheck=("toolchain.hash", "engine.built", "kernelspec.current"),
)
