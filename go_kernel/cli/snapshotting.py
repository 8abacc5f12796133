"""What `snapshot create` and `snapshot verify` share: which folder, which environment."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from go_kernel import choose, private_places
from go_kernel.cli import output, project_folder, resolving, selection
from go_kernel.cli.command import GoKernelCommand
from go_kernel.project.go import ProjectGo
from go_kernel.project.snapshot import build
from go_kernel.project.snapshot.build import Builder
from go_kernel.project.snapshot.model import NAME, Build
from go_kernel.resolve import Resolved


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
    found = resolving.resolved(command, selection.any_go(command, env, "").target)
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
        builder = Builder(go, folder, place, line, found.environment.prefix)
        builds = build.of_each(builder, packages)
    variables = shlex.join(["jupyter", "gokernel", "env", *env_options(found), "--shell", "sh"])
    return builds, [f'eval "$({variables})"; {builder.command(one.package)}' for one in builds]


def env_options(found: Resolved) -> list[str]:
    """The options that name this environment again, from anywhere."""
    prefix = found.environment.prefix
    return ["--env", str(prefix)] if prefix else []


def creating(found: Resolved, path: Path, folder: Path, builds: Sequence[Build] = ()) -> str:
    """The command that makes the snapshot at `path` anew, of this folder and environment."""
    options = env_options(found)
    for one in builds:
        options += ["--build", one.package]
    words = ["jupyter", "gokernel", "snapshot", "create", str(folder), *options]
    return shlex.join(words if path == folder / NAME else [*words, "-o", str(path)])


def print_again(then: Build, now: Build) -> None:
    """What came of a program that was built again; that it differs, the table of drifts says."""
    if now.sha256 == then.sha256:
        said = f"{now.size} bytes, the same as then"
    elif now.anywhere and now.anywhere == then.anywhere:
        said = f"{now.size} bytes, the same but for the environment's folder, which is in it"
    elif not (now.anywhere and then.anywhere):
        said = "holds the environment's folder: it comes out the same only in that one"
    else:
        return
    print(output.printable(f"{now.package}  {said}"))


def print_build(one: Build) -> None:
    """A program that came out twice the same, and where else it does."""
    print(output.printable(f"{one.package}  {one.size} bytes, twice the same"))
    print(f"  sha256  {one.sha256}")
    if one.holds_folder:
        known = (
            "`snapshot verify` compares without it"
            if one.anywhere
            else "it can't be compared elsewhere"
        )
        print(f"  holds   the environment's folder, and comes out the same only there: {known}")
