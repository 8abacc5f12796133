"""What can be wrong with a declaration, and with carrying it out."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from go_kernel.findings import GoKernelError, Remedy


class ApplyError(GoKernelError):
    """Base of what keeps a declaration from being applied."""

    id = "apply.failed"


class BadDeclaration(ApplyError):
    """A file that declares what can't be; `line` counts from 1, 0 where nobody knows."""

    id = "apply.bad-file"

    def __init__(self, file: Path, reason: str, line: int = 0):
        where = f"{file}, line {line}" if line else str(file)
        super().__init__(
            f"{where}: {reason}.",
            "Mend the file; `jupyter gokernel apply --schema` prints what may stand in it.",
        )
        self.file = file
        self.line = line


class BadRecord(ApplyError):
    """The record of what was applied can't be used."""

    id = "apply.bad-record"

    def __init__(self, record: Path, reason: str):
        super().__init__(
            f"What was applied earlier is not known: {record} {reason}.",
            Remedy(
                "Remove that file; what was made stays, and has to be removed by hand where it "
                "isn't wanted any more:",
                (f"rm {shlex.quote(str(record))}",),
            ),
        )
        self.record = record


class Unlike(ApplyError):
    """An environment that is there and isn't what the file declares.

    With `again` it is this file's own, and unchanged since.
    """

    id = "apply.environment-differs"

    def __init__(
        self, prefix: Path, differences: Sequence[str], wanted: Sequence[str], *, again: bool
    ):
        remedy = Remedy(
            "An environment that is there is not changed. Change it yourself, or remove it, "
            "and apply the file again:",
            (f"conda install --prefix {shlex.join([str(prefix), *wanted])}",),
        )
        if again:
            remedy = Remedy(
                "This file made it, and it can be made anew; what else is in its folder goes then:",
                ("jupyter gokernel apply --replace FILE",),
            )
        super().__init__(
            f"The environment {prefix} is not as declared: {'; '.join(differences)}.", remedy
        )
        self.prefix = prefix
        self.differences = tuple(differences)


class Changed(ApplyError):
    """Something that was made by this file, and that somebody has changed since."""

    id = "apply.changed-since"

    def __init__(self, what: str, reason: str, command: str):
        super().__init__(
            f"{what} is left: it was made by this file, and {reason}.",
            Remedy("If it isn't wanted any more, remove it:", (command,)),
        )
        self.what = what
        self.reason = reason


class NoWay(ApplyError):
    """Something whose environment was not made."""

    id = "apply.left-out"

    def __init__(self, what: str, environment: str):
        super().__init__(
            f"{what} is left out, since its environment {environment} is not there.",
            "Mend what is said of the environment, and apply the file again.",
        )
        self.what = what
        self.environment = environment
