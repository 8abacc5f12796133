"""What a file declares, as data: paths are absolute, names are what people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_CHANNELS = ("conda-forge",)


@dataclass(frozen=True)
class Environment:
    """A conda environment; `specs` are its packages as conda is told them, Go among them."""

    name: str
    prefix: Path
    specs: tuple[str, ...]
    channels: tuple[str, ...] = DEFAULT_CHANNELS


@dataclass(frozen=True)
class Go:
    """Which Go: an environment, or one outside of conda; as written, for sentences."""

    environment: str = ""
    goroot: str = ""

    def __str__(self) -> str:
        """As the file has it."""
        return self.environment or self.goroot


@dataclass(frozen=True)
class Engine:
    """An engine that is to be built."""

    go: Go
    engine: str


@dataclass(frozen=True)
class Kernel:
    """A kernel; `settings` hold the policy's variables, too."""

    go: Go
    engine: str = "gophernotes"
    name: str = ""
    display_name: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    portable: bool = False


@dataclass(frozen=True)
class Bundle:
    """A bundle that is to be used."""

    file: Path
    sha256: str
    name: str = ""
    site: bool = False


@dataclass(frozen=True)
class Policy:
    """What holds for all engines and kernels of a file."""

    variables: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False


@dataclass(frozen=True)
class Declaration:
    """All that one file declares; `file` is where it really is."""

    file: Path
    policy: Policy = field(default_factory=Policy)
    bundles: tuple[Bundle, ...] = ()
    environments: tuple[Environment, ...] = ()
    engines: tuple[Engine, ...] = ()
    kernels: tuple[Kernel, ...] = ()
