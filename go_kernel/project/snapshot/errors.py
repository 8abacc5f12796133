"""The ways in which a snapshot can't be made, written or read: one sentence, one remedy."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from go_kernel.findings import GoKernelError, Remedy
from go_kernel.printable import printable
from go_kernel.variables import mask_urls


class SnapshotError(GoKernelError):
    """Base of the errors of snapshots."""

    id = "snapshot.error"


class BadSnapshot(SnapshotError):
    """A file that is no snapshot, or a damaged one; `reason` is half a sentence.

    Damaged ones the command `create` replaces, and nothing else without --force.
    """

    id = "snapshot.bad"

    def __init__(self, path: Path, reason: str, remedy: Remedy | str):
        super().__init__(
            f"The snapshot {printable(str(path))} can't be used: {printable(reason)}.", remedy
        )
        self.path = path
        self.reason = reason


class NoSnapshot(BadSnapshot):
    """There is none."""

    id = "snapshot.none"

    def __init__(self, path: Path, create: str):
        super().__init__(path, "there is no such file", Remedy("Write one", (create,)))
        self.summary = f"There is no snapshot {printable(str(path))}."


class NoEnvironment(SnapshotError):
    """A snapshot of a conda environment is to be compared, and nobody said with which one."""

    id = "snapshot.no-environment"

    def __init__(self, path: Path):
        super().__init__(
            f"{printable(str(path))} is the snapshot of a conda environment, and none with Go is "
            "active or named.",
            "Activate it, or name it with --env.",
        )
        self.path = path


class NotReplaceable(SnapshotError):
    """A file of the project itself, which --force doesn't replace either."""

    id = "snapshot.not-replaceable"

    def __init__(self, path: Path, what: str):
        super().__init__(
            f"{printable(str(path))} is {what}, which is not replaced.", "Give another name."
        )
        self.path = path


class SnapshotTooNew(BadSnapshot):
    """One that a later version made."""

    id = "snapshot.too-new"

    def __init__(self, path: Path, known: int):
        super().__init__(
            path,
            f"its format is a later one than {known}, which this version reads",
            "Update jupyter-gokernel.",
        )
        self.known = known


class SomethingElse(SnapshotError):
    """Where a file should be written there is one that isn't ours to replace."""

    id = "snapshot.foreign"

    def __init__(self, path: Path, what: str):
        super().__init__(
            f"{printable(str(path))} is there already, and it is no {what}.",
            "Give another name, or --force to replace it.",
        )
        self.path = path


class Unwritable(SnapshotError):
    """A file, or a folder to work in, that can't be written."""

    id = "snapshot.unwritable"

    def __init__(self, path: Path, reason: str):
        folder = shlex.quote(printable(str(path.parent)))
        super().__init__(
            f"{printable(str(path))} can't be written: {printable(reason)}.",
            Remedy(
                "Look whether you may write there, and whether there is room:",
                (f"ls -ld {folder}",),
            ),
        )
        self.path = path
        self.reason = reason


class NotListed(SnapshotError):
    """Go can't say which modules a project is built of."""

    id = "snapshot.not-listed"

    def __init__(self, folder: Path, output: str, go: Path):
        super().__init__(
            f"Go can't say what {printable(str(folder))} is built of: {_said(output)}.",
            _remedy(folder, output, go),
            evidence=mask_urls(output),
        )
        self.folder = folder


class BadVendor(SnapshotError):
    """A vendor folder with something in it that Go would not have put there."""

    id = "snapshot.bad-vendor"

    def __init__(self, path: Path, reason: str, folder: Path):
        command = shlex.join(["go", "-C", printable(str(folder.parent)), "mod", "vendor"])
        super().__init__(
            f"The vendor folder can't be hashed: {printable(str(path))} {printable(reason)}.",
            Remedy("Make the folder anew", (command,)),
        )
        self.path = path
        self.reason = reason


class NotAProgram(SnapshotError):
    """What was to be built is nothing that can be run."""

    id = "snapshot.no-program"

    def __init__(
        self,
        package: str,
        reason: str,
        remedy: str = "Name one package `main` of the project, as in --build ./cmd/x.",
    ):
        super().__init__(f"{printable(repr(package))} {reason}.", remedy)
        self.package = package


class NotBuilt(SnapshotError):
    """Go can't build it."""

    id = "snapshot.not-built"

    def __init__(self, folder: Path, package: str, output: str, go: Path):
        super().__init__(
            f"Go can't build {printable(package)}: {_said(output)}.",
            _remedy(folder, output, go),
            evidence=mask_urls(output),
        )
        self.package = package


class NotReproducible(SnapshotError):
    """Two builds of the same sources came to different bytes; `at` is where the first is."""

    id = "snapshot.not-reproducible"

    def __init__(self, package: str, at: int, sizes: tuple[int, int]):
        differ = f"of {sizes[0]} and {sizes[1]} bytes, " if sizes[0] != sizes[1] else ""
        super().__init__(
            f"Two builds of {printable(package)} differ ({differ}first at byte {at}).",
            "Look for what changed meanwhile, and for what a compiler of C puts into its output "
            "(__DATE__, __TIME__, paths): CGO_ENABLED=0 rules that out.",
        )
        self.package = package
        self.at = at
        self.sizes = sizes


# go.mod's words and go.work's: `go.mod requires go >= 1.99 (running go 1.26.6; ...)`.
_NEWER = re.compile(r"requires go >= ([0-9][0-9a-z.]*)")
_NO_PACKAGE = ("directory not found", "is not in std", "no Go files in")
_NOT_HERE = ("module lookup disabled by GOPROXY=off", "not available: GOPROXY=off")


def _said(output: str) -> str:
    """The line in which Go says what is wrong: no place of a file alone, no hint."""
    if any(words in output for words in _NOT_HERE):
        return "modules are missing in the module cache, and nothing is fetched here"
    lines = [line.strip() for line in mask_urls(output).splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    said = next(iter(lines), "it doesn't say why").removeprefix("go: ")
    return printable(said.removesuffix("; to add:").rstrip(".;:"))


def _remedy(folder: Path, output: str, go: Path) -> Remedy:
    here = shlex.join([printable(str(go)), "-C", printable(str(folder))])
    if any(words in output for words in _NOT_HERE):
        return Remedy("Fetch them", (f"{here} mod download",))
    if "SECURITY ERROR" in output:
        return Remedy("Find out which is right before anything is built", (f"{here} mod verify",))
    if "inconsistent vendoring" in output:
        return Remedy("Make the vendor folder anew", (f"{here} mod vendor",))
    if "go mod tidy" in output or "missing go.sum entry" in output or "no required mod" in output:
        return Remedy("Complete go.mod and go.sum", (f"{here} mod tidy",))
    if any(words in output for words in _NO_PACKAGE):
        return Remedy("Name a folder of the project that holds a program, as in --build ./cmd/x.")
    if newer := _NEWER.search(output):
        return Remedy(f"Take an environment with Go {newer[1]} or later: name it with --env.")
    return Remedy("Look at it with", (f"{here} vet ./...",))
