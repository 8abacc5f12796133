"""Which kernels to install and which to remove, for them to follow the environments.

A plan is made from files alone and then carried out, or only shown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel import inventory
from go_kernel.files import is_folder
from go_kernel.installed import Kernel
from go_kernel.inventory import GoEnvironmentFound


@dataclass(frozen=True)
class Plan:
    """Environments that want a kernel, those whose Go is broken, kernels that are left over."""

    install: tuple[GoEnvironmentFound, ...]
    broken: tuple[GoEnvironmentFound, ...]
    remove: tuple[Kernel, ...]


def plan(
    env: Mapping[str, str], kernels: Sequence[Kernel], cwd: Path | None = None, *, prune: bool
) -> Plan:
    """What is to be done for the environments found in `env` and these installed kernels."""
    without = [one for one in inventory.with_go(env, kernels, cwd) if not one.kernels]
    return Plan(
        tuple(one for one in without if not one.problem),
        tuple(one for one in without if one.problem),
        tuple(kernel for kernel in kernels if prune and is_left_over(kernel)),
    )


def is_left_over(kernel: Kernel) -> bool:
    """Whether a kernel's environment, or the Go in it, was removed.

    A Go that is there and broken or replaced doesn't count: that is to be looked into.
    A kernel that follows the Hub has none to lose.
    """
    if kernel.config is None or kernel.follows_hub:
        return False
    place = kernel.config.target.place
    return not is_folder(place) or not os.path.lexists(place / "bin" / "go")
