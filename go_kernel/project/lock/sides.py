"""The two sides of a project: what go.mod names, and what its conda files ask for and lock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from go_kernel.conda import environment_file, lock_file
from go_kernel.conda.environment_file import Dependency, EnvironmentFile
from go_kernel.conda.lock_file import LockFile
from go_kernel.files import exists, is_file
from go_kernel.findings import GoKernelError
from go_kernel.printable import printable
from go_kernel.project import force
from go_kernel.project.force import Module
from go_kernel.project.go import ProjectGo
from go_kernel.project.lock import notes, rules
from go_kernel.project.lock.notes import Notes
from go_kernel.project.lock.pins import Pin, pin
from go_kernel.project.lock.rules import Rules
from go_kernel.yamlfile import NoYaml

_LARGEST_SUM = 64 << 20


class LockError(GoKernelError):
    """Base of the errors of comparing a project's two sides."""

    id = "lock.error"


class NoModule(LockError):
    """No module is in force in a folder."""

    id = "lock.no-module"

    def __init__(self, folder: Path):
        super().__init__(
            f"There is no go.mod in {printable(str(folder))} or above it.",
            "Name the module's folder, or make one with `go mod init`.",
        )
        self.folder = folder


class NoOneModule(LockError):
    """A folder is a workspace's and no module's; `modules` are the folders of its modules."""

    id = "lock.workspace"

    def __init__(self, folder: Path, modules: tuple[Path, ...]):
        named = ", ".join(printable(str(one)) for one in modules)
        super().__init__(
            f"{printable(str(folder))} is in a workspace (go.work) and in no module of it, and one "
            "module is compared at a time.",
            f"Name a module's folder: {named}." if named else "Name a module's folder.",
        )
        self.folder = folder
        self.modules = modules


class NoCondaSide(LockError):
    """Neither environment.yml nor conda-lock.yml is beside go.mod."""

    id = "lock.no-conda-side"

    def __init__(self, folder: Path):
        super().__init__(
            f"There is neither {environment_file.NAME} nor {lock_file.NAME} in "
            f"{printable(str(folder))}.",
            "Put the environment's file beside go.mod.",
        )
        self.folder = folder


@dataclass(frozen=True)
class Project:
    """One project as it stands; `sums` is the SHA-256 of go.sum, "" where there is none."""

    module: Module
    asked: EnvironmentFile | None
    lock: LockFile | None
    rules: Rules
    sums: str

    @property
    def folder(self) -> Path:
        """The folder of go.mod, where all the other files are, too."""
        return self.module.folder

    @property
    def file(self) -> str:
        """What its environment file is called, there or not."""
        return self.asked.path.name if self.asked else environment_file.NAME

    @property
    def go(self) -> str:
        """go.mod's go line; "" where it has none."""
        return str(self.module.content.get("Go") or "")

    @cached_property
    def notes(self) -> Notes:
        """What was noted when both sides last agreed."""
        return notes.of(self.lock.custom if self.lock else {})

    @cached_property
    def required(self) -> Mapping[str, str]:
        """The versions that go.mod requires, by module."""
        listed = self.module.content.get("Require") or ()
        return {str(one.get("Path")): str(one.get("Version")) for one in listed}

    @cached_property
    def replaced(self) -> Mapping[str, str]:
        """What go.mod puts in the place of required modules."""
        found = {}
        for one in self.module.content.get("Replace") or ():
            old, new = one.get("Old") or {}, one.get("New") or {}
            path, version = str(old.get("Path")), old.get("Version")
            if not version or version == self.required.get(path):
                found[path] = " ".join(str(new[key]) for key in ("Path", "Version") if new.get(key))
        return found

    def dependencies(self, package: str) -> tuple[Dependency, ...]:
        """Where environment.yml asks for a package."""
        listed = self.asked.dependencies if self.asked else ()
        return tuple(one for one in listed if pin(one.spec).name == package)

    def pins(self, package: str) -> tuple[Pin, ...]:
        """How environment.yml asks for a package."""
        return tuple(pin(one.spec) for one in self.dependencies(package))

    def locked(self, package: str) -> dict[str, str]:
        """The versions that conda-lock.yml holds, by platform.

        "" where it holds none though it should: environment.yml asks for the package on
        that platform.
        """
        if self.lock is None:
            return {}
        asked = self.dependencies(package)
        found = {one: self.lock.find(package, one) for one in self.lock.platforms}
        return {
            platform: one.version if one else ""
            for platform, one in found.items()
            if one or any(dependency.counts_on(platform) for dependency in asked)
        }


def module_of(go: ProjectGo, folder: Path) -> Module:
    """The module around a folder; raises NoModule, NoOneModule, and as `force.find`."""
    found = force.find(go, folder)
    if found.own is not None:
        return found.own
    if found.gowork is not None:
        raise NoOneModule(folder, tuple(one.folder for one in found.modules))
    raise NoModule(folder)


def look(go: ProjectGo, folder: Path) -> Project:
    """Read the files of the project around a folder.

    Raises as `module_of`, NoCondaSide and yamlfile.BadYaml.
    """
    module = module_of(go, folder)
    asked, lock = _asked(module.folder), _lock(module.folder)
    if asked is None and lock is None:
        raise NoCondaSide(module.folder)
    return Project(
        module, asked, lock, rules.read(module.folder / rules.NAME), sums_of(module.sums)
    )


def _asked(folder: Path) -> EnvironmentFile | None:
    try:
        return environment_file.read(environment_file.in_folder(folder))
    except NoYaml:
        return None


def _lock(folder: Path) -> LockFile | None:
    try:
        return lock_file.read(folder / lock_file.NAME)
    except NoYaml:
        return None


def sums_of(path: Path) -> str:
    """The SHA-256 of a go.sum; "" where there is none.  Raises LockError."""
    if not exists(path):
        return ""
    if not is_file(path):
        raise LockError(f"{printable(str(path))} can't be read: it is no plain file.")
    try:
        if path.stat().st_size > _LARGEST_SUM:
            raise LockError(f"{printable(str(path))} has more than 64 MB: it is no go.sum.")
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise LockError(f"{printable(str(path))} can't be read: {reason}.") from error
