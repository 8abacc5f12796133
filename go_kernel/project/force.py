"""Which go.mod, go.work and vendor folder are in force in a folder, and why.

Go names the files and reads them; what it makes of a vendor folder it tells nobody, so
its rule stands here.
ref: https://go.dev/ref/mod#vendoring, https://go.dev/ref/mod#workspaces
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from go_kernel import goflags
from go_kernel.files import exists, is_file, is_folder
from go_kernel.process import CommandError
from go_kernel.project.go import ProjectGo
from go_kernel.project.goversion import order
from go_kernel.project.reading import NoFolder, Undecided, read

_NOTHING: Mapping[str, Any] = MappingProxyType({})
# From this go line on a vendor folder is used by itself.
_VENDORS_BY_ITSELF = "1.14"


@dataclass(frozen=True)
class Module:
    """A main module: its go.mod (or what -modfile puts in its place), and what that holds."""

    folder: Path
    file: Path
    content: Mapping[str, Any] = field(repr=False)

    @property
    def path(self) -> str:
        """The module's path; "" where the file names none."""
        return str((self.content.get("Module") or {}).get("Path") or "")

    @property
    def sums(self) -> Path:
        """Where its go.sum is or would be."""
        return self.file.with_suffix(".sum")


@dataclass(frozen=True)
class Vendor:
    """The folder that would hold vendored packages, whether Go uses it, and why (not)."""

    folder: Path
    exists: bool
    used: bool
    why: str


@dataclass(frozen=True)
class InForce:
    """What counts in `folder`.

    `gomod` and `gowork` are the files that Go names, None where it names none; `own` is the
    module around the folder, `modules` are the main modules (in a workspace those it uses),
    `missing` the folders that a workspace uses and that hold no go.mod.  `work` is what
    go.work holds, `module_mode` is GO111MODULE, `mod` and `modfile` are what GOFLAGS says
    of these, `vendor` is None where no module is in force.
    """

    folder: Path
    gomod: Path | None
    gowork: Path | None
    module_mode: str
    own: Module | None
    modules: tuple[Module, ...]
    missing: tuple[Path, ...]
    work: Mapping[str, Any] = field(repr=False)
    mod: str
    modfile: Path | None
    vendor: Vendor | None

    @property
    def file(self) -> Path | None:
        """The file that decides: go.work where there is one, else go.mod."""
        return self.gowork or (self.own.file if self.own else None)

    @property
    def content(self) -> Mapping[str, Any]:
        """What the deciding file holds."""
        return self.work if self.gowork else self.own.content if self.own else _NOTHING

    @property
    def go_line(self) -> str:
        """The Go that the deciding file asks for; "" where it says nothing."""
        return str(self.content.get("Go") or "")

    @property
    def toolchain_line(self) -> str:
        """The toolchain that the deciding file names; "" for none."""
        return str(self.content.get("Toolchain") or "")

    @property
    def module_path(self) -> str:
        """The path of the module around the folder; "" where there is none."""
        return self.own.path if self.own else ""

    @property
    def is_own_used(self) -> bool:
        """Whether the module around the folder is one of the main modules."""
        return self.own is not None and any(one.file == self.own.file for one in self.modules)


def find(go: ProjectGo, folder: Path) -> InForce:
    """What is in force in `folder` for this `go` with its variables.

    Raises NoFolder, Undecided where Go itself can't say, Unreadable for a file.
    """
    if not is_folder(folder):
        raise NoFolder(folder)
    folder = Path(os.path.realpath(folder))
    said = _said(go, folder)
    gomod, gowork = (_path(said.get(name)) for name in ("GOMOD", "GOWORK"))
    given = goflags.split(go.given.get("GOFLAGS", ""))
    mod, modfile = _value(given, "mod"), _value(given, "modfile")
    other = folder / modfile if modfile and not gowork else None
    own = _module(go, gomod, other) if gomod else None
    work: Mapping[str, Any] = read(go, "work", gowork) if gowork else _NOTHING
    modules: tuple[Module, ...] = (own,) if own else ()
    missing: tuple[Path, ...] = ()
    if gowork:
        modules, missing = _used(go, gowork, work, own)
    return InForce(
        folder=folder,
        gomod=gomod,
        gowork=gowork,
        module_mode=said.get("GO111MODULE") or "on",
        own=own,
        modules=modules,
        missing=missing,
        work=work,
        mod=mod,
        modfile=other,
        vendor=_vendor(gowork, work, own, mod),
    )


def _said(go: ProjectGo, folder: Path) -> dict[str, str]:
    try:
        return go.json(folder, "env", "-json", "GOMOD", "GOWORK", "GO111MODULE")
    except CommandError as problem:
        raise Undecided(folder, problem) from problem


def _path(value: object) -> Path | None:
    """What Go says of a file: nothing, `off` and the null device are none."""
    text = str(value or "")
    if not text.startswith("/") or text == os.devnull:
        return None
    # Go says it in UTF-8, whatever the locale has file names in.
    return Path(os.fsdecode(text.encode("utf-8", "surrogateescape")))


def _value(flags: list[str], name: str) -> str:
    """What the last flag of this name says; "" without one."""
    values = [flag.partition("=")[2] for flag in flags if goflags.name_of(flag) == name]
    return values[-1] if values else ""


def _module(go: ProjectGo, gomod: Path, other: Path | None = None) -> Module:
    file = other or gomod
    return Module(gomod.parent, file, read(go, "mod", file))


def _used(
    go: ProjectGo, gowork: Path, work: Mapping[str, Any], own: Module | None
) -> tuple[tuple[Module, ...], tuple[Path, ...]]:
    """The modules of a workspace, and the folders that it names where none is."""
    modules, missing = [], []
    for use in work.get("Use") or ():
        folder = Path(os.path.normpath(gowork.parent / str(use.get("DiskPath") or ".")))
        file = folder / "go.mod"
        if own is not None and own.file == file:
            modules.append(own)
        elif exists(file):
            modules.append(_module(go, file))
        else:
            missing.append(folder)
    return tuple(modules), tuple(missing)


def _vendor(
    gowork: Path | None, work: Mapping[str, Any], own: Module | None, mod: str
) -> Vendor | None:
    """As setDefaultBuildMod decides; ref: https://go.dev/src/cmd/go/internal/modload/init.go"""
    if gowork is None and own is None:
        return None
    source = "go.work" if gowork else "go.mod"
    root = gowork.parent if gowork else own.folder if own else Path()
    line = str((work if gowork else own.content if own else _NOTHING).get("Go") or "")
    folder = root / "vendor"
    there = is_folder(folder)
    if mod:
        return Vendor(folder, there, mod == "vendor", f"GOFLAGS says -mod={mod}")
    if not there:
        return Vendor(folder, there, False, "there is none")
    if not line:
        return Vendor(folder, there, False, f"{source} has no go line")
    if order(line) < order(_VENDORS_BY_ITSELF):
        return Vendor(folder, there, False, f"{source} says go {line}")
    of_workspace = _is_of_workspace(folder)
    if of_workspace and not gowork:
        return Vendor(folder, there, False, "it was made for a workspace, and none is in force")
    if gowork and not of_workspace:
        return Vendor(folder, there, False, "it was not made for a workspace, and one is in force")
    return Vendor(folder, there, True, f"it is there, and {source} says go {line}")


def _is_of_workspace(vendor: Path) -> bool:
    """What its modules.txt begins with, as Go looks at it."""
    listed = vendor / "modules.txt"
    if not is_file(listed):
        return False
    try:
        with listed.open("rb") as file:
            line = file.readline(512).decode(errors="replace")
    except OSError:
        return False
    mark, _, notes = line.partition("## ")
    return not mark and "workspace" in [note.strip() for note in notes.split(";")]
