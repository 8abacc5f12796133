"""`--env`, `--go` and `--kernel`: which Go a command is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from go_kernel import choose, hub_choice, installed, inventory, kernelspec
from go_kernel.cli import output
from go_kernel.cli.errors import UsageError
from go_kernel.config import KernelConfig
from go_kernel.resolve import Target

if TYPE_CHECKING:
    from go_kernel.cli.command import GoKernelCommand

ENV_HELP = "A conda environment: its name, or its path."
ENGINE_HELP = "The engine: gophernotes (interprets cells) or gonb (compiles them)."


@dataclass(frozen=True)
class Selected:
    """A target, and what its kernelspec says of it where a kernel was named.

    A `portable` kernel has no provisioner, and so nothing of what is configured for it.
    """

    target: Target
    settings: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    portable: bool = False


def one_of(**options: Any) -> None:
    """Raise UsageError where more than one of these options is given."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other.", "Give one of them.")


def environment(command: GoKernelCommand, said: str) -> Target:
    """What `--env` names: any environment that `envs` lists, or a path; raises as `choose`."""
    kernels = installed.settled(installed.find(command.kernel_dirs), command.environ)
    known = inventory.prefixes_of(kernels)
    return choose.environment(said, command.environ, command.cwd, known)


def config_of(command: GoKernelCommand, kernel: str) -> KernelConfig:
    """What `--kernel` names, with what a Hub chose where it is to.

    Raises as `installed.named`, `kernelspec.config_of` and `hub_choice.settled`.
    """
    found = installed.named(kernel, command.kernel_dirs)
    return hub_choice.settled(kernelspec.config_of(found.content), command.environ)


def any_go(command: GoKernelCommand, env: str, kernel: str) -> Selected:
    """What `--env` or `--kernel` name, else whatever Go there is; says which."""
    one_of(env=env, kernel=kernel)
    if kernel:
        config = config_of(command, kernel)
        portable = installed.named(kernel, command.kernel_dirs).portable
        return Selected(config.target, config.settings, config.offline, portable)
    if env:
        return Selected(environment(command, env))
    chosen = choose.default_of_any(command.environ, command.cwd, embedded=choose.embedded_goroot())
    output.say(chosen.why)
    return Selected(chosen.target)
