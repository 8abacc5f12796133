"""`kernelspec.remove`: take away kernels of ours that can't start any more."""

from __future__ import annotations

from go_kernel import follow, installed, kernelspec
from go_kernel.files import writable
from go_kernel.findings import Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import changing
from go_kernel.installed import Kernel


def plan(context: Context) -> Plan | None:
    """The subject's kernels whose Go is gone, or whose configuration nobody understands."""
    useless = [one for one in context.subject.kernels if _is_useless(one) and _removable(one)]
    if not useless:
        return None
    steps = [f"Remove the kernelspec {one.folder}: {_reason(one)}" for one in useless]
    return Plan(steps, lambda: _remove(useless, context))


def _is_useless(kernel: Kernel) -> bool:
    return kernel.config is None or follow.is_left_over(kernel)


def _removable(kernel: Kernel) -> bool:
    return writable(kernel.folder.parent) and (
        kernel.folder.is_symlink() or writable(kernel.folder)
    )


def _reason(kernel: Kernel) -> str:
    if kernel.config is None:
        return kernel.problem
    return f"there is no Go in {kernel.config.target.place} any more."


def _remove(kernels: list[Kernel], context: Context) -> None:
    for kernel in kernels:
        with changing(context, kernel.folder):
            now = installed.read(kernel.folder)
            # Gone meanwhile, somebody else's, or mended: all is well.
            if now and _is_useless(now):
                kernelspec.remove(kernel.folder)


FIX = FixKind(
    id="kernelspec.remove",
    title="Remove the kernel",
    risk=Risk.MEDIUM,
    plan=plan,
    recheck=("environment.exists", "kernelspec.readable"),
)
