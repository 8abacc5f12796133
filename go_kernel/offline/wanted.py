"""What a bundle shall hold, as somebody asked for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel.engines import catalogue
from go_kernel.engines.catalogue import Engine
from go_kernel.offline.manifest import is_name
from go_kernel.offline.unmade import BadWish

NO_ENGINE = "none"

_MODULE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*(?:/[A-Za-z0-9._~-]+)*")
_QUERY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/~-]*")
# Words of `go get` that say something about a version that one has already.
_MEANINGLESS = ("none", "upgrade", "patch")


@dataclass(frozen=True)
class Query:
    """A module, or a package in one, and the version that somebody wants of it."""

    path: str
    version: str = "latest"

    def __str__(self) -> str:
        """As on the command line."""
        return f"{self.path}@{self.version}"


@dataclass(frozen=True)
class Wanted:
    """Engines, the folders of projects, and modules; `name` is what the bundle is called."""

    engines: tuple[Engine, ...] = ()
    projects: tuple[Path, ...] = ()
    modules: tuple[Query, ...] = ()
    name: str = ""


def engines(named: Sequence[str]) -> tuple[Engine, ...]:
    """The engines of these names: `none` for none, gophernotes where nothing is said.

    Raises UnknownEngine, and BadWish for `none` beside others.
    """
    names = [*dict.fromkeys(named)] or [catalogue.names()[0]]
    if NO_ENGINE not in names:
        return tuple(map(catalogue.get, names))
    if len(names) > 1:
        raise BadWish(NO_ENGINE, "and other engines exclude each other", "Leave one of them out.")
    return ()


def query(said: str) -> Query:
    """What `PATH@VERSION` means; without a version the newest.  Raises BadWish."""
    path, at, version = said.partition("@")
    if not at:
        version = "latest"
    if not _MODULE.fullmatch(path) or not _QUERY.fullmatch(version) or ".." in path.split("/"):
        raise BadWish(
            said,
            "is no module and version",
            "Write it as in --module github.com/google/uuid@v1.6.0; without a version it is the "
            "newest.",
        )
    if version in _MEANINGLESS:
        raise BadWish(said, "names no version", "Write @latest, or @v1.2.3.")
    if "." not in path.split("/")[0]:
        raise BadWish(
            said,
            "is no module that can be fetched: its first part is no host",
            "Packages of the standard library come with Go; a project of yours is bundled with "
            "--project DIR.",
        )
    return Query(path, version)


def pins_of(engine: Engine) -> str:
    """The SHA-256 over an engine's go.mod and go.sum, in hexadecimal."""
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((engine.folder / name).read_bytes())
    return digest.hexdigest()


def checked_name(said: str) -> str:
    """The name, where one can be given to a bundle; raises BadWish."""
    if said and not is_name(said):
        raise BadWish(
            said,
            "is no name for a bundle",
            "Take letters, digits, `.`, `_` and `-`, at most 64 of them.",
        )
    return said
