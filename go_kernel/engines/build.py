"""An engine for a toolchain: found, or built once, by one of all who want it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout

from go_kernel.engines.catalogue import Engine
from go_kernel.engines.compile import compile_engine
from go_kernel.engines.errors import (
    EngineMissing,
    GoTooOld,
    StoreUntrusted,
    StoreUnwritable,
    UnsupportedPlatform,
)
from go_kernel.engines.job import Job, build_variables
from go_kernel.engines.keys import build_key
from go_kernel.engines.store import BUILDING, LOCKS, Build, Stores, remove
from go_kernel.files import foreign_writer, private_folder
from go_kernel.toolchain import Toolchain

__all__ = ["build_key", "ensure"]

_SYSTEMS = ("linux", "darwin")


def ensure(
    engine: Engine,
    toolchain: Toolchain,
    variables: Mapping[str, str],
    *,
    go_hash: str,
    stores: Stores,
    timeout: float,
    progress: Callable[[str], None] | None = None,
    build: bool = True,
    rebuild: bool = False,
) -> Build:
    """The build of `engine` for `toolchain`, made now where it is missing.

    `variables` is the kernel's whole environment, CGO_ENABLED ("0" or "1") among it;
    `go_hash` is the SHA-256 of the toolchain's `go`; `timeout` is in seconds and counts
    waiting for another process that builds the same.  `progress` is called with a line
    for each step, from more than one thread.  A build that fails, is ended or
    interrupted leaves nothing.  With `rebuild` one of the user's store is built anew.

    Raises GoTooOld, UnsupportedPlatform, EngineMissing (without `build`), BuildFailed,
    BuildTimedOut, StoreUnwritable, StoreUntrusted and MendFailed.
    """
    _check_supported(engine, toolchain)
    key = build_key(engine, toolchain, variables, go_hash)
    found = None if rebuild else _find(stores, key, build)
    if found:
        return found
    if not build:
        raise EngineMissing(engine.name, toolchain, key)
    job = Job(
        engine,
        toolchain,
        build_variables(variables, toolchain),
        timeout,
        progress or (lambda line: None),
    )
    with _locked(stores, key, job):
        # Somebody else may have built it while we waited.
        found = None if rebuild else _find(stores, key, build)
        return found or _build(job, key, go_hash, stores)


def _check_supported(engine: Engine, toolchain: Toolchain) -> None:
    if toolchain.goos not in _SYSTEMS:
        raise UnsupportedPlatform(engine.name, toolchain.goos)
    if toolchain.release < engine.minimum_go:
        raise GoTooOld(engine.name, toolchain.version, engine.minimum_go)


def _find(stores: Stores, key: str, may_build: bool) -> Build | None:
    try:
        return stores.find(key)
    except StoreUntrusted as error:
        # An untrustworthy site store can be done without; our own store can't.
        if may_build and not error.path.is_relative_to(stores.user):
            return None
        raise


@contextmanager
def _locked(stores: Stores, key: str, job: Job) -> Iterator[None]:
    """Hold the lock of `key`, having made the user's store ready to be written."""
    try:
        private_folder(stores.user)
        private_folder(stores.user / LOCKS)
    except OSError as error:
        raise StoreUnwritable(stores.user, error.strerror or str(error)) from error
    if reason := foreign_writer(stores.user):
        raise StoreUntrusted(stores.user, reason)
    try:
        lock = stores.lock(key, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            doing = "waiting for another process that builds it"
            job.progress(f"{job.engine.display_name} is being built by another process: waiting")
            try:
                lock.acquire(timeout=job.left(doing))
            except Timeout:
                raise job.timed_out(doing) from None
    except OSError as error:
        raise StoreUnwritable(stores.user, error.strerror or str(error)) from error
    try:
        yield
    finally:
        lock.release()


def _build(job: Job, key: str, go_hash: str, stores: Stores) -> Build:
    stores.sweep_locked(key)
    started = time.monotonic()
    with _workspace(stores.user, key) as work:
        try:
            result = compile_engine(job, key, go_hash, work)
            target = stores.user / key
            remove(target)  # one that isn't whole, or `find` would have given it
            result.rename(target)
        except OSError as error:
            raise job.failed(str(error), "writing it failed") from error
    job.progress(f"{job.engine.display_name} is ready: built in {time.monotonic() - started:.0f} s")
    found = stores.find(key)
    assert found is not None
    return found


@contextmanager
def _workspace(store: Path, key: str) -> Iterator[Path]:
    """A folder beside the builds, gone afterwards whatever happens.

    Inside the store, so that the result can be renamed into its place.
    """
    try:
        work = Path(tempfile.mkdtemp(prefix=f"{BUILDING}{key}-", dir=store))
    except OSError as error:
        raise StoreUnwritable(store, error.strerror or str(error)) from error
    try:
        yield work
    finally:
        remove(work)
