"""The repaired go.mod, go.sum and vendor folder, made by Go beside the project.

Go works on copies that `-modfile` names, and vendors into another folder (`-o`): the tree
itself is only read.
ref: https://go.dev/ref/mod#build-commands
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel.files import exists
from go_kernel.goerrors import explain
from go_kernel.process import CommandError, CommandFailed
from go_kernel.project.force import InForce, Module
from go_kernel.project.go import ProjectGo
from go_kernel.project.repair import building
from go_kernel.project.repair.errors import GoRefused
from go_kernel.project.repair.siblings import Lent, lent, replaces, spoken, with_old_sums

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


def stage(go: ProjectGo, found: InForce, module: Module, place: Path, *, vendored: bool) -> Staged:
    """Make the new files in the empty folder `place`; raises GoRefused and OSError."""
    files = {"go.mod": module.file, "go.sum": module.sums}
    for name, file in files.items():
        if exists(file):
            (place / name).write_bytes(file.read_bytes())
    dropped = dict(_leading_nowhere(module.content, module.folder))
    asking = _Asking(go, module.folder, place, dropped)
    commands = []
    for old in dropped:
        asking.edit(f"-dropreplace={old}")
        commands.append(f"go mod edit -dropreplace={old}")
    if not vendored or not asking.can("mod", "vendor", "-o", str(place / "vendor")):
        _tidy(asking, module, lent(found, module, dropped))
        commands.append("go mod tidy")
        if vendored:
            asking.run("mod", "vendor", "-o", str(place / "vendor"))
    return Staged(place, (*commands, *(["go mod vendor"] if vendored else [])))


def _tidy(asking: _Asking, module: Module, given: Sequence[Lent]) -> None:
    """With what a workspace gives, of which nothing stays."""
    if not given:
        asking.run("mod", "tidy")
        return
    sums = asking.place / "go.sum"
    old = _text(sums)
    asking.edit(*(f"-replace={one.old}={one.new}" for one in given))
    asking.run("mod", "tidy")
    required = {one["Path"] for one in module.content.get("Require") or ()}
    # Go makes up a version for what nobody required; in the workspace none is needed.
    made_up = [one for one in given if one.is_used and one.path not in required]
    asking.edit(
        *(f"-dropreplace={one.old}" for one in given),
        *(f"-droprequire={one.path}" for one in made_up),
    )
    if whole := with_old_sums(_text(sums), old, given):
        sums.write_bytes(whole.encode("utf-8", "surrogateescape"))


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "surrogateescape") if exists(file) else ""


@dataclass(frozen=True)
class _Asking:
    """Go on the copies in `place`, for the module in `folder` alone."""

    go: ProjectGo
    folder: Path
    place: Path
    dropped: Mapping[str, str]

    def edit(self, *flags: str) -> None:
        """Change the copy of go.mod; raises GoRefused."""
        self.run("mod", "edit", *flags, str(self.place / "go.mod"))

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
            output = error.output or str(error)
            argv = (str(self.go.go), "-C", str(self.folder), *arguments[:2])
            seen = shlex.join(argv) if arguments[1] != "edit" else ""
            raise GoRefused(self.folder, command, output, cause, self.dropped, seen) from error

    def _run(self, *arguments: str) -> None:
        verb, name, *rest = arguments
        flags = [f"-modfile={self.place / 'go.mod'}"] if name != "edit" else []
        argv = (verb, name, *flags, *rest)
        self.go.run(self.folder, *argv, timeout=building.SECONDS, more=_OFF)


def _leading_nowhere(content: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, str]]:
    """What is replaced by a folder that holds no module, as `-dropreplace` wants it; and that."""
    for one in replaces(content):
        new = one["New"]
        # Without a version it is a path; ref: https://go.dev/ref/mod#go-mod-file-replace
        if not new.get("Version") and not exists(folder / new["Path"] / "go.mod"):
            yield spoken(one), new["Path"]
