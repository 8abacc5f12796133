"""The ways in which a repair can't be made, each one sentence and a remedy."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from go_kernel.findings import GoKernelError, Remedy
from go_kernel.goerrors import Cause
from go_kernel.printable import printable
from go_kernel.variables import mask_urls

_EVIDENCE_CHARACTERS = 4000


class RepairError(GoKernelError):
    """Base of them all."""


class NotRepairable(RepairError):
    """What is there can't be repaired by tidying or vendoring; `reason` is a sentence's end."""

    id = "project.not-repairable"

    def __init__(self, place: Path, reason: str, remedy: Remedy | str):
        super().__init__(f"{printable(str(place))} {reason}.", remedy)
        self.place = place


class GoRefused(RepairError):
    """A `go` command of the repair failed; `command` is that command as one would type it."""

    id = "project.go-refused"

    def __init__(self, folder: Path, command: str, output: str, cause: Cause):
        reason = printable(mask_urls(cause.reason)).removeprefix("go: ")
        super().__init__(
            f"{printable(str(folder))} can't be repaired, because `{command}` fails: {reason}.",
            cause.remedy or Remedy("See what Go says", (f"cd {quote(str(folder))} && {command}",)),
            evidence=mask_urls(output)[-_EVIDENCE_CHARACTERS:],
        )
        self.folder = folder
        self.command = command


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
        where = error.filename or place
        super().__init__(
            f"{printable(str(where))} can't be changed: {error.strerror or error}.",
            "Let somebody who may write there do it, and check again.",
        )
        self.place = place


def _first_line(output: str) -> str:
    """The first thing that the compiler says, without the package's name above it."""
    lines = (line.strip() for line in output.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")
