"""What a snapshot holds: data alone, the same for the same project and environment.

No time, no folder and no user's name is in it: a copy of the project on another
machine, with the same environment, has the same snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from go_kernel.conda.packages import Package
from go_kernel.project import fingerprint

NAME = "gokernel-snapshot.json"
FORMAT = 1

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Toolchain:
    """A Go: its version, `linux/amd64`, the SHA-256 of its `go`."""

    version: str
    platform: str
    sha256: str


@dataclass(frozen=True)
class Compiler:
    """A compiler of cgo from outside of the environment, by the variable that names it.

    `version` is its own first line, `sha256` that of its program; "" where it doesn't say.
    """

    variable: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Environment:
    """A conda environment: what was asked for, without builds, and what is installed."""

    requested: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()


@dataclass(frozen=True)
class Module:
    """A module that the project is built of; `replaced` is what stands in for it.

    `sum` is its hash in go.sum (`h1:...`), "" for one in a folder.
    """

    path: str
    version: str
    sum: str = ""
    replaced: str = ""


@dataclass(frozen=True)
class Vendor:
    """A vendor folder: Go's own hash of it, how many files it has, whether Go uses it."""

    sum: str
    files: int
    used: bool


@dataclass(frozen=True)
class Project:
    """Go's side: the paths of the project's own modules, its files, what it is built of.

    `files` are SHA-256s by path (go.mod, go.sum, go.work ...), from the folder of the
    go.work or go.mod that is in force.
    """

    paths: tuple[str, ...]
    files: Mapping[str, str]
    modules: tuple[Module, ...] = ()
    vendor: Vendor | None = None


@dataclass(frozen=True)
class Build:
    """A program that was built twice to the same bytes; size in bytes.

    `package` is how it was named, from the folder of the snapshot.  `anywhere` is the hash
    of the same program with a fixed name for the environment's folder: `sha256` where that
    folder isn't in it, "" where it stays in it.
    """

    package: str
    sha256: str
    size: int
    anywhere: str

    @property
    def holds_folder(self) -> bool:
        """Whether these bytes come out only where the environment is in that folder."""
        return self.anywhere != self.sha256


@dataclass(frozen=True)
class Snapshot:
    """All of it.  `environment` is None outside of conda, `project` where there is none.

    `variables` decide what is built, `sources` where modules come from; secrets are masked.
    `compilers` are those that no package of the environment brings, where cgo is used.
    """

    toolchain: Toolchain
    environment: Environment | None = None
    project: Project | None = None
    variables: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    sources: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    builds: tuple[Build, ...] = ()
    compilers: tuple[Compiler, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of environment and Go."""
        packages = self.environment.packages if self.environment else ()
        return fingerprint.of(packages, self.toolchain.sha256)
