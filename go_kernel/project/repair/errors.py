"""The ways in which a repair can't be made, each one sentence and a remedy."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from types import MappingProxyType

from go_kernel.findings import GoKernelError, Remedy
from go_kernel.goerrors import Cause
from go_kernel.printable import printable
from go_kernel.variables import mask_urls

_EVIDENCE_CHARACTERS = 4000
_NOTHING: Mapping[str, str] = MappingProxyType({})
# As in `go: a.b/c@v1.0.0: reading https://…` and `a.b/c imports\n\td.e/f: cannot find module …`.
_PATH = r"([A-Za-z0-9_~-]+(?:\.[A-Za-z0-9_~-]+)+(?:/[A-Za-z0-9_.~+-]+)*)"
_ASKED = (
    re.compile(rf"(?:^|\s){_PATH}@[^\s:]+: "),
    re.compile(rf"module providing package {_PATH}"),
    re.compile(rf"^\s+{_PATH}: ", re.MULTILINE),
)


class RepairError(GoKernelError):
    """Base of them all."""


class NotRepairable(RepairError):
    """What is there can't be repaired by tidying or vendoring; `reason` is a sentence's end."""

    id = "project.not-repairable"

    def __init__(self, place: Path, reason: str, remedy: Remedy | str):
        super().__init__(f"{printable(str(place))} {reason}.", remedy)
        self.place = place


class GoRefused(RepairError):
    """A `go` command of the repair failed; `command` is that command as one would type it.

    `dropped` are modules whose replacement by a folder was taken out, and these folders,
    `seen` is the command as it runs from anywhere.
    """

    id = "project.go-refused"

    def __init__(
        self,
        folder: Path,
        command: str,
        output: str,
        cause: Cause,
        dropped: Mapping[str, str] = _NOTHING,
        seen: str = "",
    ):
        reason = printable(mask_urls(cause.reason)).removeprefix("go: ")
        asked = _asked(output)
        gone = next((to for old, to in dropped.items() if _is_of(asked, old)), "")
        about, remedy = "", cause.remedy
        if gone:
            about = f" for {printable(asked)}, which go.mod replaces by {printable(gone)}, where "
            about += "no module is"
            remedy = Remedy(
                f"Bring {printable(str(Path(os.path.normpath(folder / gone))))} back, or have "
                "go.mod replace it by a folder that is there."
            )
        elif asked and asked not in reason:
            about = f" for {printable(asked)}"
        super().__init__(
            f"{printable(str(folder))} can't be repaired, because `{command}` fails{about}: "
            f"{reason}.",
            remedy
            or Remedy("See what Go says", (seen or f"cd {quote(str(folder))} && {command}",)),
            evidence=mask_urls(output)[-_EVIDENCE_CHARACTERS:],
        )
        self.folder = folder
        self.command = command


def _asked(output: str) -> str:
    """The module or package that Go was after, where it says so; without a version."""
    for pattern in _ASKED:
        if match := pattern.search(output):
            return match[1]
    return ""


def _is_of(package: str, old: str) -> bool:
    module = old.partition("@")[0]
    return package == module or package.startswith(f"{module}/")


class Worse(RepairError):
    """Fewer packages would build, or do, than before: everything is as it was."""

    id = "project.repair-worse"

    def __init__(self, folder: Path, packages: tuple[str, ...], output: str, *, undone: bool):
        named = ", ".join(packages[:3]) + (" …" if len(packages) > 3 else "")
        done = "was put back as it was" if undone else "is left as it is"
        why = printable(mask_urls(_first_line(output)))
        super().__init__(
            f"{printable(str(folder))} {done}: repaired, {printable(named)} would no longer build"
            f"{f' ({why})' if why else ''}.",
            "Change the code, or replace the module by a copy that has what the code needs.",
            evidence=mask_urls(output)[-_EVIDENCE_CHARACTERS:],
        )
        self.folder = folder
        self.packages = packages


class Busy(RepairError):
    """Somebody else repairs the same project."""

    id = "project.repair-busy"

    def __init__(self, folder: Path):
        super().__init__(
            f"{printable(str(folder))} is being repaired by another process.",
            "Wait, and check again.",
        )
        self.folder = folder


class Changed(RepairError):
    """A file isn't what it was when the repair was shown."""

    id = "project.repair-changed"

    def __init__(self, file: Path):
        super().__init__(
            f"{printable(str(file))} changed while it was being repaired; nothing was done.",
            "Look at it again.",
        )
        self.file = file


class Unrestorable(RepairError):
    """A killed repair left a file that somebody has changed since."""

    id = "project.repair-edited"

    def __init__(self, file: Path, kept: Path):
        super().__init__(
            f"{printable(str(file))} was changed after a repair of it was killed, so it is not put "
            "back as it was before.",
            Remedy(
                f"What was there is in {printable(str(kept / 'old'))}: take from it what you need, "
                "and remove the rest",
                (f"rm -r {quote(str(kept))}",),
            ),
        )
        self.file = file


class Unwritable(RepairError):
    """The file system refused a step; everything is as it was."""

    id = "project.repair-unwritable"

    def __init__(self, place: Path, error: OSError):
        number, reason = _first_reason(error)
        # What is being copied is nobody's file yet.
        where = place if isinstance(error, shutil.Error) else error.filename or place
        if number == errno.ENOSPC:
            where, remedy = place, "Make room on its disk, and check again."
        elif number == errno.EROFS:
            remedy = "Have its disk mounted for writing, and check again."
        else:
            remedy = "Let somebody who may write there do it, and check again."
        super().__init__(f"{printable(str(where))} can't be changed: {reason}.", remedy)
        self.place = place


def _first_reason(error: OSError) -> tuple[int, str]:
    """The system's number and words; of a tree's copying, which collects them, the first."""
    if error.errno is not None:
        return error.errno, error.strerror or str(error)
    match = re.search(r"\[Errno (\d+)\]", str(error))
    if match is None:
        return 0, printable(str(error).splitlines()[0][:200] if str(error) else "it failed")
    return int(match[1]), os.strerror(int(match[1]))


def _first_line(output: str) -> str:
    """The first thing that the compiler says, without the package's name above it."""
    lines = (line.strip() for line in output.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")
