"""The ways in which making a bundle fails, each one sentence and a remedy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from types import MappingProxyType

from go_kernel.findings import Remedy
from go_kernel.goerrors import Cause, explain
from go_kernel.offline.errors import BundleError
from go_kernel.printable import printable
from go_kernel.variables import mask_urls

# What is kept of Go's output: its end.
_EVIDENCE_CHARACTERS = 8000
_NOTHING: Mapping[str, str] = MappingProxyType({})


class BadWish(BundleError):
    """What was asked for can't be meant; `said` is the word of the command line."""

    id = "bundle.bad-wish"

    def __init__(self, said: str, reason: str, remedy: Remedy | str):
        super().__init__(f"{printable(repr(said))} {reason}.", remedy)
        self.said = said


class OutputExists(BundleError):
    """Where the bundle should go there is something."""

    id = "bundle.exists"

    def __init__(self, out: Path, *, foreign: bool = False):
        remedy = "Give another name, or --force to replace it."
        if foreign:
            remedy = "Give another name: --force replaces files, and folders that are bundles."
        super().__init__(f"{printable(str(out))} is there already.", remedy)
        self.out = out


class NotGathered(BundleError):
    """Go could not get something; `what` names it, `cause` says why.

    `env` are the variables that say where modules come from: some causes show only there.
    """

    id = "bundle.not-gathered"

    def __init__(
        self,
        what: str,
        output: str,
        *,
        cause: Cause | None = None,
        env: Mapping[str, str] = _NOTHING,
    ):
        self.cause = cause or explain(output, env)
        remedy = self.cause.remedy
        if self.cause.kind == "disk-full":
            remedy = Remedy("Free some space, or let XDG_CACHE_HOME name a folder on another disk.")
        reason = printable(mask_urls(self.cause.reason)).removeprefix("go: ")
        super().__init__(
            f"{what} can't be bundled: {reason}.",
            remedy,
            evidence=mask_urls(output)[-_EVIDENCE_CHARACTERS:],
        )
        self.what = what


class IncompleteProject(BundleError):
    """A project whose go.mod or go.sum doesn't say all that its own build needs."""

    id = "bundle.incomplete-project"

    def __init__(self, folder: Path, output: str):
        said = printable(_first_line(output))
        super().__init__(
            f"The project {printable(str(folder))} can't be bundled, because Go can't build it as "
            f"it is: {said}.",
            Remedy("Complete its go.mod and go.sum:", (f"cd {quote(str(folder))} && go mod tidy",)),
            evidence=mask_urls(output)[-_EVIDENCE_CHARACTERS:],
        )
        self.folder = folder


class NoToolchain(BundleError):
    """The Go that should go into the bundle can't be had."""

    id = "bundle.no-toolchain"

    def __init__(self, reason: str, remedy: Remedy | str, output: str = ""):
        super().__init__(reason, remedy, evidence=mask_urls(output)[-_EVIDENCE_CHARACTERS:])


def _first_line(output: str) -> str:
    for line in mask_urls(output).splitlines():
        # What Go would have one type comes in the next line, and as our own remedy.
        text = line.strip().removeprefix("go: ").removesuffix("; to add:").rstrip(".;:")
        if text:
            return text
    return "it doesn't say why"
