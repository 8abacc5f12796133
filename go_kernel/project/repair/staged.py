"""The repaired go.mod, go.sum and vendor folder, made by Go beside the project.

Go works on copies that `-modfile` names, and vendors into another folder (`-o`): the tree
itself is only read.
ref: https://go.dev/ref/mod#build-commands
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel.files import exists
from go_kernel.goerrors import explain
from go_kernel.process import CommandError, CommandFailed
from go_kernel.project.force import Module
from go_kernel.project.go import ProjectGo
from go_kernel.project.repair import building
from go_kernel.project.repair.errors import GoRefused

_OFF = {"GOWORK": "off"}


@dataclass(frozen=True)
class Staged:
    """The copies in `place`, and the commands that made them, as one would type them."""

    place: Path
    commands: tuple[str, ...]

    @property
    def mod(self) -> Path:
        """The new go.mod."""
        return self.place / "go.mod"

    @property
    def sums(self) -> Path:
        """The new go.sum; not there where nothing is summed."""
        return self.place / "go.sum"

    @property
    def vendor(self) -> Path:
        """The new vendor folder; not there without vendoring, or with nothing to vendor."""
        return self.place / "vendor"

    @property
    def flags(self) -> tuple[str, ...]:
        """With these `go` takes the new files, and the module cache for what they name."""
        return f"-modfile={self.mod}", "-mod=readonly"


def stage(go: ProjectGo, module: Module, place: Path, *, vendored: bool) -> Staged:
    """Make the new files in the empty folder `place`; raises GoRefused and OSError."""
    files = {"go.mod": module.file, "go.sum": module.sums}
    for name, file in files.items():
        if exists(file):
            (place / name).write_bytes(file.read_bytes())
    asking = _Asking(go, module.folder, place)
    commands = []
    for old in _leading_nowhere(module.content, module.folder):
        asking.run("mod", "edit", f"-dropreplace={old}", str(place / "go.mod"))
        commands.append(f"go mod edit -dropreplace={old}")
    if not vendored or not asking.can("mod", "vendor", "-o", str(place / "vendor")):
        asking.run("mod", "tidy")
        commands.append("go mod tidy")
        if vendored:
            asking.run("mod", "vendor", "-o", str(place / "vendor"))
    return Staged(place, (*commands, *(["go mod vendor"] if vendored else [])))


@dataclass(frozen=True)
class _Asking:
    """Go on the copies in `place`, for the module in `folder` alone."""

    go: ProjectGo
    folder: Path
    place: Path

    def can(self, *arguments: str) -> bool:
        """Whether a command succeeds."""
        try:
            self._run(*arguments)
        except CommandFailed:
            return False
        return True

    def run(self, *arguments: str) -> None:
        """Raises GoRefused where it fails."""
        command = " ".join(("go", *arguments[:2]))
        try:
            self._run(*arguments)
        except CommandError as error:
            cause = explain(error.output or str(error), self.go.variables)
            raise GoRefused(self.folder, command, error.output or str(error), cause) from error

    def _run(self, *arguments: str) -> None:
        verb, name, *rest = arguments
        flags = [f"-modfile={self.place / 'go.mod'}"] if name != "edit" else []
        argv = (verb, name, *flags, *rest)
        self.go.run(self.folder, *argv, timeout=building.SECONDS, more=_OFF)


def _leading_nowhere(content: Mapping[str, object], folder: Path) -> Iterator[str]:
    """What is replaced by a folder that holds no module, as `-dropreplace` wants it."""
    replaces = content.get("Replace")
    for one in replaces if isinstance(replaces, list) else ():
        old, new = one["Old"], one["New"]
        # Without a version it is a path; ref: https://go.dev/ref/mod#go-mod-file-replace
        if not new.get("Version") and not exists(folder / new["Path"] / "go.mod"):
            yield f"{old['Path']}@{old['Version']}" if old.get("Version") else old["Path"]
