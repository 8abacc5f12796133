"""What the checks share: the core's findings, and looking at one kernel after the other."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

from go_kernel.config import KernelConfig
from go_kernel.findings import Finding, Fix, GoKernelError, Remedy
from go_kernel.health.check import Answer, skipped, unknown
from go_kernel.health.context import Context
from go_kernel.installed import Kernel

_More = ParamSpec("_More")
_Answer = TypeVar("_Answer", bound=Answer)


def of_variables(
    look: Callable[Concatenate[Context, _More], _Answer],
) -> Callable[Concatenate[Context, _More], _Answer | Finding]:
    """A look at a kernel's variables: unknown where these can't be settled.

    Why they can't, `places.usable` says, once for all.
    """

    @functools.wraps(look)
    def careful(context: Context, /, *args: _More.args, **more: _More.kwargs) -> _Answer | Finding:
        try:
            context.resolved  # noqa: B018
        except (GoKernelError, OSError):
            return unknown(
                "It depends on the kernel's variables; places.usable says what is wrong."
            )
        return look(context, *args, **more)

    return careful


def noticed(context: Context, *ids: str) -> list[Finding]:
    """What was noticed when the variables were settled, of these ids (or beginnings of ids)."""
    return [one for one in context.resolved.environment.findings if one.id.startswith(ids)]


def with_fix(finding: Finding, fix: str) -> Finding:
    """A finding of the core's, with a fix of ours."""
    return replace(finding, fix=Fix(fix))


def install_again(kernel: Kernel, text: str = "Install the kernel again") -> Remedy:
    """How this very kernel is installed once more.

    Its settings are not in the command: one of them may be a secret.
    """
    assert kernel.config is not None
    words = [*_place(kernel.config), "--engine", kernel.engine]
    words += ["--name", kernel.name, *(["--portable"] if kernel.portable else [])]
    words += ["--offline"] if kernel.config.offline else []
    with_settings = ", with its settings" if kernel.config.settings else ""
    command = f"jupyter gokernel install --replace {shlex.join(words)}"
    return Remedy(f"{text}{with_settings}", (command,))


def _place(config: KernelConfig) -> list[str]:
    if config.from_hub:
        return ["--hub"]
    return ["--env" if config.prefix else "--go", str(config.target.place)]


def of_each_kernel(
    context: Context, look: Callable[[Context, Kernel], Finding]
) -> Iterator[Finding]:
    """One answer for each kernel of the environment; an error about one hides no other."""
    own = each_kernel(context)
    for each, kernel in own:
        try:
            answer = look(each, kernel)
        except GoKernelError as error:
            answer = error.finding()
        yield replace(answer, kernel=kernel.name)
    if not own:
        yield skipped("No kernel is installed for it.")


def each_kernel(context: Context) -> list[tuple[Context, Kernel]]:
    """The kernels, each with a context in which `config` is its own."""
    kernels = [kernel for kernel in context.subject.kernels if kernel.config]
    if len(kernels) == 1:
        return [(context, kernels[0])]  # what it has found out serves again
    return [(context.of_kernel(kernel), kernel) for kernel in kernels]
