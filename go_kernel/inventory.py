"""The conda environments that have Go, and the kernels installed for each.

Files alone tell: nothing is started, no activation script runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel import toolchain as toolchains
from go_kernel.conda.discovery import Environment, find_environments
from go_kernel.files import is_file
from go_kernel.findings import GoKernelError
from go_kernel.installed import Kernel, same_folder, settled
from go_kernel.resolve import Target, find_toolchain


@dataclass(frozen=True)
class GoEnvironmentFound:
    """A conda environment that has Go, or something that should be one.

    `problem` is a sentence that says why its Go can't be used; "" where it can.
    """

    name: str
    prefix: Path
    go_version: str
    goroot: Path | None
    kernels: tuple[str, ...]
    problem: str = ""


def with_go(
    env: Mapping[str, str], kernels: Sequence[Kernel] = (), cwd: Path | None = None
) -> list[GoEnvironmentFound]:
    """The environments that have Go, broken ones included, in the order of discovery.

    Those that only an installed kernel knows of come last.
    """
    kernels = settled(kernels, env)
    found = everywhere(env, cwd, prefixes_of(kernels))
    return [_looked_at(one, kernels) for one in found if _has_go(one.prefix)]


def everywhere(
    env: Mapping[str, str], cwd: Path | None = None, known: Iterable[Path] = ()
) -> list[Environment]:
    """All conda environments, then those at the prefixes `known` that are none of them."""
    found = find_environments(env, cwd=cwd)
    return found + [
        one
        for one in find_environments({}, explicit=known)
        if one.source == "explicit" and not _known(one.prefix, found)
    ]


def prefixes_of(kernels: Iterable[Kernel]) -> list[Path]:
    """The prefixes that installed kernels name."""
    return [Path(one.config.prefix) for one in kernels if one.config and one.config.prefix]


def _known(prefix: Path, found: Iterable[Environment]) -> bool:
    return any(same_folder(prefix, one.prefix) for one in found)


def _has_go(prefix: Path) -> bool:
    """Whether there is a Go or a part of one: a link that leads nowhere counts."""
    return os.path.lexists(prefix / "bin" / "go") or is_file(prefix / "go" / "VERSION")


def _looked_at(found: Environment, kernels: Sequence[Kernel]) -> GoEnvironmentFound:
    target = Target(found.name, prefix=found.prefix)
    real = os.path.realpath(found.prefix)
    names = tuple(dict.fromkeys(one.name for one in kernels if one.real_place == real))
    try:
        toolchain = find_toolchain(target)
    except GoKernelError as error:
        version = toolchains.has_go(found.prefix)
        return GoEnvironmentFound(found.name, found.prefix, version, None, names, str(error))
    return GoEnvironmentFound(found.name, found.prefix, toolchain.version, toolchain.goroot, names)
