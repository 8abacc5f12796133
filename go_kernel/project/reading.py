"""A project's go.mod and go.work as Go reads them, and how that fails."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from go_kernel.findings import GoKernelError, Remedy
from go_kernel.process import CommandError, CommandTimedOut
from go_kernel.project.go import ProjectGo

# As much as Go takes of a module's; ref: https://go.dev/ref/mod#zip-path-size-constraints
_MOST = 16 * 2**20


class NoFolder(GoKernelError):
    """There is no folder in which a project could be."""

    id = "project.no-folder"

    def __init__(self, folder: Path):
        super().__init__(
            f"{folder} is no folder, so there is no project in it.", "Name the project's folder."
        )
        self.folder = folder


class Undecided(GoKernelError):
    """Go can't say which files count in a folder."""

    id = "project.undecided"

    def __init__(self, folder: Path, problem: CommandError):
        last = (problem.output.strip().splitlines() or [problem.summary])[-1]
        reason = last.strip().removeprefix("go: ").rstrip(".")
        super().__init__(
            f"Go can't say which go.mod counts in {folder}: {reason}.", evidence=problem.evidence
        )
        self.folder = folder
        self.reason = reason


class Unreadable(GoKernelError):
    """A go.mod or go.work that can't be read; `reason` is half a sentence."""

    id = "project.unreadable"

    def __init__(self, file: Path, reason: str, remedy: Remedy | str, evidence: str = ""):
        super().__init__(f"Go can't read {file}: {reason}.", remedy, evidence=evidence)
        self.file = file
        self.reason = reason


def read(go: ProjectGo, verb: str, file: Path) -> dict[str, Any]:
    """What a go.mod (`verb` is mod) or a go.work (work) holds, by Go's own parser.

    Raises Unreadable, also for what would keep Go waiting: a pipe, a file without end.
    """
    _check(file)
    try:
        content = go.json(file.parent, verb, "edit", "-json", str(file))
        if verb == "work" and "Toolchain" not in content:
            content["Toolchain"] = _toolchain(go, file)
        return content
    except CommandTimedOut as problem:
        reason = f"it took longer than {problem.seconds:g} s"
        raise Unreadable(file, reason, "Look at its disk, and try again.") from problem
    except CommandError as problem:
        if elsewhere := _elsewhere(file):
            reason = f"it is a link to {elsewhere}, which is none"
            raise Unreadable(file, reason, "Put a plain file in its place.") from None
        lines = [line.strip() for line in problem.output.splitlines() if line.strip()]
        said = next((line for line in lines if line.startswith(str(file))), (lines or [""])[-1])
        reason = (
            said.removeprefix(f"{file}:")
            .removeprefix(f"{file.name}:")
            .removeprefix("go: ")
            .rstrip(".")
        )
        where, mark, words = reason.partition(": ")
        number = where.partition(":")[0]
        if mark and number.isdigit():
            reason = f"line {number}: {words}"
        raise Unreadable(
            file, reason or "it ended without a word", "Mend the file.", problem.evidence
        ) from problem


def _elsewhere(file: Path) -> str:
    """Where a link leads that is named as no such file is; what stands there may be secret."""
    real = os.path.realpath(file)
    return real if file.is_symlink() and not real.endswith((".mod", ".work")) else ""


def _toolchain(go: ProjectGo, work: Path) -> str:
    """The toolchain that a go.work names, which its JSON lacks before Go 1.27.

    Go prints the file as it is and without that line; the difference is the line.
    ref: https://go.dev/src/cmd/go/internal/workcmd/edit.go
    """
    whole, without = (
        go.run(work.parent, "work", "edit", *more, "-print", str(work)).stdout.splitlines()
        for more in ((), ("-toolchain=none",))
    )
    missing = [line.split() for line in whole if line not in without]
    return missing[0][1] if missing and len(missing[0]) > 1 else ""


def _check(file: Path) -> None:
    """Refuse what is no plain file of a sane size, before Go opens it."""
    try:
        status = file.stat()
    except OSError as error:
        raise Unreadable(file, error.strerror or str(error), "Make it readable.") from error
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(file, "it is no plain file", "Put a plain file in its place.")
    if status.st_size > _MOST:
        raise Unreadable(
            file,
            f"it has {status.st_size / 1e6:.0f} MB, and 16 MB is the most",
            "Put a go.mod in its place.",
        )
    if not os.access(file, os.R_OK):
        raise Unreadable(
            file,
            "you may not read it",
            Remedy("Have its owner give you the right", (f"chmod a+r {file}",)),
        )
