"""What `--env` and `--go` name for `doctor`: also what is gone, where a kernel still knows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from go_kernel import choose, installed
from go_kernel.cli import selection
from go_kernel.cli.command import GoKernelCommand
from go_kernel.conda import environment_file
from go_kernel.files import is_file
from go_kernel.findings import GoKernelError
from go_kernel.installed import same_folder
from go_kernel.resolve import Target
from go_kernel.toolchain import read_version


def environment(command: GoKernelCommand, said: str) -> Target:
    """As `selection.environment`; else the prefix that an installed kernel names so."""
    try:
        return selection.environment(command, said)
    except choose.NoSuchEnvironment:
        gone = _gone(command, said)
        if not gone:
            raise
    if any(not same_folder(one.place, gone[0].place) for one in gone):
        raise choose.AmbiguousEnvironment(said, [one.place for one in gone])
    return gone[0]


def go(command: GoKernelCommand, said: str) -> Target:
    """A Go outside of conda by its GOROOT or `go`, with what a kernel for it knows of it.

    Raises FindingError where there is none, and no kernel was installed for it.
    """
    path = _path(command, said)
    known = [*_outside(command)]
    try:
        found = choose.go(path)
    except GoKernelError:
        for one in known:
            if same_folder(one.place, path):
                return one
        raise
    return next((one for one in known if same_folder(one.place, found.place)), found)


def of_project(command: GoKernelCommand, folder: Path) -> Target | None:
    """The environment that a project's environment.yml names, where it is there."""
    for place in (folder, *folder.parents):
        try:
            file = environment_file.in_folder(place)
            if is_file(file):
                name = environment_file.read(file).name
                return environment(command, name) if name else None
        except GoKernelError:
            return None
        if is_file(place / "go.mod") or is_file(place / "go.work"):
            return None
    return None


def leads_to(command: GoKernelCommand, name: str, target: Target) -> bool:
    """Whether `--env` with this name means this environment."""
    if not name or name.startswith("-") or choose.is_path(name):
        return False
    try:
        return same_folder(environment(command, name).place, target.place)
    except GoKernelError:
        return False


def _path(command: GoKernelCommand, said: str) -> Path:
    return choose.path_of(said, command.environ, command.cwd).absolute()


def _gone(command: GoKernelCommand, said: str) -> list[Target]:
    """The environments of kernels that have this name, or this path."""
    kernels = [one.config for one in installed.find(command.kernel_dirs) if one.config]
    targets = [one.target for one in kernels if one.prefix]
    if choose.is_path(said):
        return [one for one in targets if same_folder(one.place, _path(command, said))]
    return [one for one in targets if one.name == said]


def _outside(command: GoKernelCommand) -> Iterator[Target]:
    for kernel in installed.find(command.kernel_dirs):
        if kernel.config and kernel.config.goroot:
            yield kernel.config.target
    embedded = choose.embedded_goroot()
    if embedded is not None:
        yield Target(read_version(embedded), goroot=embedded)
