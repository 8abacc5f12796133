"""`kernelspec.reinstall`: write a kernelspec of ours as `install` would write it today."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from go_kernel import config, installed, kernelspec
from go_kernel.files import is_file, writable
from go_kernel.findings import GoKernelError, Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import changing
from go_kernel.health.words import listed
from go_kernel.installed import Kernel
from go_kernel.kernelspec import LOGOS, Spec


def plan(context: Context) -> Plan | None:
    """The subject's kernelspecs that are not what `install` would write, and why."""
    outdated = [
        (kernel, reasons)
        for kernel in context.subject.kernels
        if writable(kernel.folder) and (reasons := differences(kernel, context))
    ]
    if not outdated:
        return None
    steps = [
        f"Write {_shown(kernel)} anew, with its name, display name and settings as they are: "
        f"{listed(reasons)} changes."
        for kernel, reasons in outdated
    ]
    return Plan(steps, lambda: _write([kernel for kernel, _ in outdated], context))


def _shown(kernel: Kernel) -> str:
    """Its folder, and where that really is: the step is done there."""
    if kernel.folder.is_symlink():
        return f"{kernel.folder} (a link to {os.path.realpath(kernel.folder)})"
    return str(kernel.folder)


def differences(kernel: Kernel, context: Context) -> list[str]:
    """The parts of a kernelspec that differ from what `install` would write today.

    None for one whose configuration is broken: nobody knows what it should be.
    """
    try:
        spec = as_of_today(kernel, context)
    except GoKernelError:
        return []
    return [*_differing(kernel, spec)] if spec else []


def as_of_today(kernel: Kernel, context: Context) -> Spec | None:
    """The kernelspec that `install` would write for it; raises BadName and UnknownEngine."""
    settings = kernel.as_written
    if settings is None:
        return None
    spec = kernelspec.spec_for(
        settings,
        name=kernel.name,
        shown=kernel.display_name,
        python=_python(kernel, context),
        portable=kernel.portable,
    )
    # Variables that somebody wrote into `env` are a setting like any other, but for those
    # that keep the kernel from starting.
    env = kernel.content.get("env")
    stated = env if isinstance(env, dict) else {}
    good = {name: value for name, value in stated.items() if _is_usable({name: value})}
    return replace(spec, content={**spec.content, "env": good})


def _is_usable(env: Any) -> bool:
    try:
        config.parse_env(env)
    except GoKernelError:
        return False
    return True


def _python(kernel: Kernel, context: Context) -> str:
    """The Python that it names: kept for as long as it is there, be it another than ours."""
    argv = kernel.content.get("argv")
    named = str(argv[0]) if isinstance(argv, list) and argv else ""
    usable = named.startswith("/") and is_file(named) and os.access(named, os.X_OK)
    return named if usable else str(context.around.python)


def _differing(kernel: Kernel, spec: Spec) -> Iterator[str]:
    now, today = kernel.content, spec.content
    yield from sorted(key for key in {*now, *today} if now.get(key) != today.get(key))
    if not all(is_file(kernel.folder / logo) for logo in LOGOS):
        yield "logos"


def _write(kernels: list[Kernel], context: Context) -> None:
    for kernel in kernels:
        with changing(context, kernel.folder):
            now = installed.read(kernel.folder)
            spec = as_of_today(now, context) if now else None
            if spec:
                kernelspec.write(spec, kernel.folder.parent, replace=True)


FIX = FixKind(
    id="kernelspec.reinstall",
    title="Write the kernelspec anew",
    risk=Risk.LOW,
    plan=plan,
    recheck=("kernelspec.current",),
)
