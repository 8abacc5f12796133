"""What a manifest is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """A file: its name in the bundle, size in bytes, SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str
    executable: bool = False


@dataclass(frozen=True)
class Module:
    """A module: go.sum's hash of its content ("" where only its go.mod is there), and of that."""

    path: str
    version: str
    go_mod_sum: str
    sum: str = ""


@dataclass(frozen=True)
class Engine:
    """An engine whose modules are there; `pins` is a SHA-256 over its go.mod and go.sum."""

    name: str
    pins: str


@dataclass(frozen=True)
class Project:
    """A project whose modules are there: its own module path, the SHA-256 of its go.sum."""

    module: str
    go_sum: str


@dataclass(frozen=True)
class Toolchain:
    """A GOROOT that is there, under `toolchain/PLATFORM/go`; the SHA-256 of its bin/go."""

    platform: str
    go_version: str
    go_sha256: str
