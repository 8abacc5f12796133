"""Which folder a command about a project means: the one that is named, or the project around it.

`check`, `lock` and `snapshot` have one rule: a folder that holds go.mod, go.work or another of a
project's own files is the project; any other belongs to the nearest one above that has
go.mod or go.work, as it does for Go, and that is said.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from os.path import lexists
from pathlib import Path

from go_kernel import choose
from go_kernel.cli import output
from go_kernel.cli.command import GoKernelCommand
from go_kernel.cli.errors import UsageError
from go_kernel.files import is_folder

_OF_GO = ("go.mod", "go.work")


def named(command: GoKernelCommand, said: str) -> Path:
    """The folder that somebody names; raises UsageError where that is none."""
    folder = choose.path_of(said, command.environ, command.cwd)
    if not said or "\0" in said or not is_folder(folder):
        raise UsageError(f"{said!r} is no folder.", "Name the folder of a project.")
    return folder


def of(command: GoKernelCommand) -> Path:
    """The project of the folder that the one word names, else of the current one.

    Says so where that is a folder above; raises UsageError as `named`.
    """
    folder = named(command, command.extra_args[0] if command.extra_args else ".")
    found = around(folder, command.environ)
    if found is None:
        return folder
    file = _in(found, _OF_GO)
    output.say(f"The project is {found}, whose {file} is in force in {os.path.normpath(folder)}.")
    return found


def around(folder: Path, env: Mapping[str, str]) -> Path | None:
    """The folder above that holds the project of `folder`; None where it is one itself, or none.

    `env` is asked for TMPDIR: Go takes no go.mod that lies there, since anybody's may.
    ref: https://go.dev/src/cmd/go/internal/modload/init.go
    """
    real = Path(os.path.realpath(folder))
    if any(lexists(real / name) for name in _own()):
        return None
    passed = os.path.realpath(env.get("TMPDIR") or "/tmp")  # noqa: S108 - where Go looks
    return next((one for one in real.parents if str(one) != passed and _in(one, _OF_GO)), None)


def _own() -> tuple[str, ...]:
    """A project's own files."""
    # Imported here: a library for YAML comes with them, which `scan` and `doctor` can do without.
    from go_kernel.conda import environment_file, lock_file
    from go_kernel.project.lock import rules
    from go_kernel.project.snapshot import model

    return (*_OF_GO, *environment_file.NAMES, lock_file.NAME, rules.NAME, model.NAME)


def _in(folder: Path, names: tuple[str, ...]) -> str:
    """The first of these files that is there; "" for none."""
    there = (name for name in names if lexists(folder / name) and not is_folder(folder / name))
    return next(there, "")
