"""A kernel's environment for commands that need what it would run with, and start none."""

from __future__ import annotations

from collections.abc import Mapping

from go_kernel import resolve
from go_kernel.cache import Cache
from go_kernel.cli.command import GoKernelCommand
from go_kernel.findings import FindingError
from go_kernel.folders import cache_folder
from go_kernel.resolve import Resolved, Target


def resolved(
    command: GoKernelCommand, target: Target, env: Mapping[str, str] | None = None
) -> Resolved:
    """The environment of `target` as a kernel has it, over `env`, else the command's own.

    Raises FindingError for what forbids a launch.
    """
    limits, policy = command.provisioner_settings()
    found = resolve.resolve(
        target,
        command.environ if env is None else env,
        cache=Cache(cache_folder(command.environ)),
        policy=policy,
        timeout=limits.activation,
    )
    for error in found.environment.errors:
        raise FindingError(error)
    return found
