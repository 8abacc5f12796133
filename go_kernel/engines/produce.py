"""Builds an engine into the user's store: under a lock, in a workspace, renamed into place."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout

from go_kernel.engines.compile import compile_engine
from go_kernel.engines.errors import StoreUntrusted, StoreUnwritable
from go_kernel.engines.job import Job, build_variables
from go_kernel.engines.store import BUILDING, LOCKS, Build, Stores, remove
from go_kernel.files import foreign_writer, private_folder

__all__ = ["Job", "build", "build_variables", "locked"]


@contextmanager
def locked(stores: Stores, key: str, job: Job) -> Iterator[None]:
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


def build(job: Job, key: str, go_hash: str, stores: Stores) -> Build:
    """Build, and put the result into the user's store; whoever calls holds the lock.

    Raises BuildFailed, BuildTimedOut, StoreUnwritable and MendFailed.
    """
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
