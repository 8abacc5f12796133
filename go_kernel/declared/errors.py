"""What can be wrong with a declaration, and with carrying it out."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from go_kernel.findings import GoKernelError, Remedy
from go_kernel.printable import printable

# How many mistakes of a file are told at once.
_MOST = 8
# And how many files of an environment by name.
_MOST_FILES = 3


def counted(files: Sequence[str]) -> str:
    """How many files, and the first of them by name."""
    shown = [printable(file) for file in files[:_MOST_FILES]]
    more = ["…"] if len(files) > len(shown) else []
    return f"{len(files)} {'file' if len(files) == 1 else 'files'}: {', '.join(shown + more)}"


class ApplyError(GoKernelError):
    """Base of what keeps a declaration from being applied."""

    id = "apply.failed"


class BadDeclaration(ApplyError):
    """A file that declares what can't be: each mistake as half a sentence, with its line.

    Lines count from 1, 0 where nobody knows.
    """

    id = "apply.bad-file"

    def __init__(self, file: Path, mistakes: Sequence[tuple[int, str]]):
        told = [f"line {line}: {words}" if line else words for line, words in mistakes[:_MOST]]
        rest = len(mistakes) - len(told)
        where = f"{file}, " if mistakes[0][0] else f"{file}: "
        super().__init__(
            f"{where}{'; '.join(told)}{f'; and {rest} more' if rest else ''}.",
            "Mend the file; `jupyter gokernel apply --schema` prints what may stand in it.",
        )
        self.file = file
        self.mistakes = tuple(mistakes)


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

    `again` is the command that makes it anew, where it is this file's own, and unchanged since;
    `strays` are the files in it that go then, and that came with no package.
    """

    id = "apply.environment-differs"

    def __init__(
        self,
        prefix: Path,
        differences: Sequence[str],
        wanted: Sequence[str],
        channels: Sequence[str],
        again: Sequence[str] = (),
        strays: Sequence[str] = (),
    ):
        sources = [word for channel in channels for word in ("-c", channel)]
        remedy = Remedy(
            "An environment that is there is not changed. Change it yourself or remove it, then "
            "apply the file again. What changes it",
            (shlex.join(["conda", "install", "-p", str(prefix), *sources, *wanted]),),
        )
        if again:
            goes = f" ({counted(strays)})" if strays else ""
            remedy = Remedy(
                "This file made it, and it can be made anew; what else is in its folder goes "
                f"then{goes}:",
                (shlex.join(again),),
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
    """Something whose environment isn't what it has to be; `reason` is half a sentence."""

    id = "apply.left-out"

    def __init__(self, what: str, environment: str, reason: str):
        super().__init__(
            f"{what} is left out, since its environment {environment} {reason}.",
            "Mend what is said of the environment, and apply the file again.",
        )
        self.what = what
        self.environment = environment
