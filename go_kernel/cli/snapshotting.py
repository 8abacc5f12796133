"""What `snapshot create` and `snapshot verify` share: which folder, which environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from go_kernel import choose, private_places, resolve
from go_kernel.cache import Cache
from go_kernel.cli import project_folder, selection
from go_kernel.cli.command import GoKernelCommand
from go_kernel.findings import FindingError
from go_kernel.folders import cache_folder
from go_kernel.project.go import ProjectGo
from go_kernel.project.snapshot import build
from go_kernel.project.snapshot.build import Builder
from go_kernel.project.snapshot.model import NAME, Build
from go_kernel.resolve import Resolved


def folder_of(command: GoKernelCommand) -> Path:
    """The project's folder; raises UsageError where there is no such folder."""
    return project_folder.of(command)


def packages_of(command: GoKernelCommand, said: list[str], folder: Path) -> list[str]:
    """What `--build` names as it is seen from the project's folder, which may be one above."""
    here = project_folder.named(command, command.extra_args[0] if command.extra_args else ".")
    below = os.path.relpath(os.path.realpath(here), os.path.realpath(folder))
    if below == ".":
        return said
    seen = (os.path.normpath(f"{below}/{one}") for one in said)
    return [f"./{new}" if one.startswith(".") else one for one, new in zip(said, seen, strict=True)]


def file_in(command: GoKernelCommand, said: str, folder: Path) -> Path:
    """The snapshot's file: what was said, else the usual name in the project's folder."""
    return choose.path_of(said, command.environ, command.cwd) if said else folder / NAME


def resolved(command: GoKernelCommand, env: str) -> Resolved:
    """The environment as a kernel has it; raises FindingError for what forbids a launch."""
    limits, policy = command.provisioner_settings()
    found = resolve.resolve(
        selection.any_go(command, env, "").target,
        command.environ,
        cache=Cache(cache_folder(command.environ)),
        policy=policy,
        timeout=limits.activation,
    )
    for error in found.environment.errors:
        raise FindingError(error)
    private_places.make(found.environment)
    return found


def built(
    command: GoKernelCommand,
    found: Resolved,
    folder: Path,
    packages: list[str],
    progress: AbstractContextManager[Callable[[str], None]],
) -> tuple[tuple[Build, ...], list[str]]:
    """Each of `packages` built twice, and what a person types for the same; none for none."""
    if not packages:
        return (), []
    go = ProjectGo(found.environment.toolchain.go, found.environment.as_dict())
    with build.workplace(command.environ) as place, progress as line:
        builder = Builder(go, folder, place, line)
        return build.of_each(builder, packages), [builder.command(one) for one in packages]
