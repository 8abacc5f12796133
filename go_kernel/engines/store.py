"""Where built engines live: content-addressed, read by many, written by one.

Site stores come first and are only read; the user's own store is the one that is
written.  A store runs code as its user, so one that others could write isn't used.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from go_kernel import digests
from go_kernel.engines import catalogue, keys, manifest
from go_kernel.engines.catalogue import Engine
from go_kernel.engines.errors import StoreUntrusted
from go_kernel.engines.manifest import Manifest
from go_kernel.files import foreign_writer, is_folder
from go_kernel.findings import Finding
from go_kernel.folders import data_folder

if TYPE_CHECKING:
    from filelock import FileLock

SITE_STORES = (
    Path("/usr/local/share/jupyter-gokernel/engines"),
    Path("/usr/share/jupyter-gokernel/engines"),
)

SITE_STORES_VARIABLE = "GOKERNEL_SITE_STORES"

# Folders in the making, and locks: no build's name begins with a dot.
BUILDING = ".building-"
LOCKS = ".locks"


@dataclass(frozen=True)
class Build:
    """One built engine in a store."""

    key: str
    folder: Path
    manifest: Manifest

    @property
    def executable(self) -> Path:
        """The kernel program."""
        return self.folder / self.manifest.executable

    @property
    def programs(self) -> Mapping[Path, str]:
        """All its programs, the kernel first, with the SHA-256 of each."""
        beside = {self.folder / path: digest for path, digest in self.manifest.beside.items()}
        return {self.executable: self.manifest.sha256, **beside}

    @property
    def variables(self) -> Mapping[str, str]:
        """What the kernel process must have besides its environment's variables."""
        own = dict(self._engine.variables)
        if self.manifest.std_exports:
            own["GOKERNEL_STD_EXPORTS"] = str(self.folder / self.manifest.std_exports)
        return own

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The variables of the kernel process in an environment that has `variables`.

        The programs beside the kernel are found on PATH, after the folder that is first on
        it (the one of `go`) and before all others: those that were built with this Go.
        """
        merged = {**variables, **self.variables}
        if self.manifest.beside:
            go, *others = variables.get("PATH", "").split(os.pathsep)
            merged["PATH"] = os.pathsep.join([go, str(self.executable.parent), *others])
        return merged

    def argv(self, connection_file: str) -> list[str]:
        """The command line of a kernel."""
        arguments = (
            connection_file if argument == "{connection_file}" else argument
            for argument in self._engine.arguments
        )
        return [str(self.executable), *arguments]

    @property
    def _engine(self) -> Engine:
        return catalogue.get(self.manifest.engine)

    def intact(self, hash_of: Callable[[Path], str] = digests.sha256) -> bool:
        """Whether the programs are still those that were built (reads all of them)."""
        try:
            return all(hash_of(path) == digest for path, digest in self.programs.items())
        except OSError:
            return False


@dataclass(frozen=True)
class Stores:
    """The stores that are looked into, in order, and the one that is written."""

    site: tuple[Path, ...]
    user: Path

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Stores:
        """As `env` has them: GOKERNEL_SITE_STORES (a list of folders) and GOKERNEL_STORE.

        Relative folders are passed over: they would name another place in each notebook.
        """
        named = env.get(SITE_STORES_VARIABLE)
        site: tuple[Path, ...] = SITE_STORES
        if named is not None:
            site = tuple(Path(p) for p in named.split(os.pathsep) if p.startswith("/"))
        user = env.get("GOKERNEL_STORE", "")
        return cls(site, Path(user) if user.startswith("/") else data_folder(env) / "engines")

    def of_site(self, *, expected: bool) -> Path | None:
        """The store into which an administrator builds: the first of the site's that is there.

        Where none is, the first that may be, if one is `expected`; else None.
        """
        there = [store for store in self.site if is_folder(store)]
        return next(iter(there or (self.site if expected else ())), None)

    def find(self, key: str) -> Build | None:
        """The build of this key; None where there is none.

        Raises `StoreUntrusted` where the only one is in a place that others can write.
        """
        if not keys.KEY.fullmatch(key):
            return None
        untrusted = None
        for store in (*self.site, self.user):
            build = _read(store / key)
            if build is None:
                continue
            if problem := _problem(store, build):
                untrusted = untrusted or problem
                continue
            return build
        if untrusted:
            raise untrusted
        return None

    def changed(self) -> list[Build]:
        """Those that were built, and lack a program or hold one of another size since."""
        made = (_made(path) for store in (*self.site, self.user) for path in _named(store))
        return [build for build in made if build and not _is_whole(build)]

    def builds(self) -> list[Build]:
        """All builds, trusted or not, in the order of the stores, then by name."""
        return [build for store in (*self.site, self.user) for build in _all(store)]

    def findings(self) -> list[Finding]:
        """What is wrong with the stores and the builds in them, without reading programs."""
        problems = (
            _problem(store, build) for store in (*self.site, self.user) for build in _all(store)
        )
        return [problem.finding() for problem in problems if problem]

    def prune(self, keep: set[str]) -> list[Build]:
        """Remove from the user's store what isn't in `keep`, and what crashed builds left.

        A build that is being made is left alone.  Gives back what was removed.  Raises
        StoreUntrusted.
        """
        if is_folder(self.user) and (reason := foreign_writer(self.user)):
            raise StoreUntrusted(self.user, reason)
        removed = []
        for build in _all(self.user):
            if build.key not in keep:
                remove(build.folder)
                removed.append(build)
        for folder in _entries(self.user):
            if folder.name.startswith(BUILDING):
                self.sweep(_key_of(folder))
        return removed

    def sweep(self, key: str) -> None:
        """Remove what crashed builds of `key` left, unless one is being made right now."""
        from filelock import Timeout

        with suppress(Timeout, OSError), self.lock(key, timeout=0):
            self.sweep_locked(key)

    def sweep_locked(self, key: str) -> None:
        """As `sweep`, for who holds the lock."""
        for folder in _entries(self.user):
            if folder.name.startswith(f"{BUILDING}{key}-"):
                remove(folder)

    def lock(self, key: str, timeout: float) -> FileLock:
        """The lock that the builder of `key` holds; waiting takes at most `timeout` seconds."""
        from filelock import FileLock  # here, since a launch that finds its engine locks nothing

        return FileLock(self.user / LOCKS / f"{key}.lock", timeout=timeout, mode=0o600)


def remove(folder: Path) -> None:
    """Remove a folder of ours, read-only folders in it included, as far as it goes.

    A link is removed, never followed: what it leads to isn't ours.
    """
    if folder.is_symlink():
        with suppress(OSError):
            folder.unlink()
        return
    for path, _, _ in os.walk(folder):
        with suppress(OSError):
            Path(path).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


def _entries(store: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(store.iterdir())
    return []


def _all(store: Path) -> Iterator[Build]:
    for folder in _named(store):
        if build := _read(folder):
            yield build


def _named(store: Path) -> Iterator[Path]:
    """The folders that are called as builds are."""
    return (folder for folder in _entries(store) if keys.KEY.fullmatch(folder.name))


def _read(folder: Path) -> Build | None:
    build = _made(folder)
    return build if build and _is_whole(build) else None


def _made(folder: Path) -> Build | None:
    """What was built, be it whole or not."""
    made = manifest.read(folder)
    return Build(folder.name, folder, made) if made and made.key == folder.name else None


def _is_whole(build: Build) -> bool:
    try:
        whole = build.executable.stat().st_size == build.manifest.size
        return whole and all(path.is_file() for path in build.programs)
    except OSError:
        return False


def _key_of(building: Path) -> str:
    return building.name.removeprefix(BUILDING).rpartition("-")[0]


def _problem(store: Path, build: Build) -> StoreUntrusted | None:
    """Why this build isn't to be run, if it isn't.

    Whoever can write a folder can replace what is in it, so the folders on the way
    count as much as the files.
    """
    paths = [store, build.folder, build.executable.parent, *build.programs]
    paths.append(build.folder / manifest.FILE)
    if exports := build.manifest.std_exports:
        paths.append(build.folder / exports)
    for path in paths:
        if reason := foreign_writer(path):
            return StoreUntrusted(path, reason)
    return None
