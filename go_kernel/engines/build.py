"""An engine for a toolchain: found, or built once, by one of all who want it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from go_kernel.engines import catalogue
from go_kernel.engines.catalogue import Engine
from go_kernel.engines.errors import EngineMissing, GoTooOld, StoreUntrusted, UnsupportedPlatform
from go_kernel.engines.keys import build_key
from go_kernel.engines.store import Build, Stores
from go_kernel.toolchain import Toolchain

__all__ = ["build_key", "check_supported", "ensure"]

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
    on_site: bool = False,
) -> Build:
    """The build of `engine` for `toolchain`, made now where it is missing.

    `variables` is the kernel's whole environment, CGO_ENABLED ("0" or "1") among it;
    `go_hash` is the SHA-256 of the toolchain's `go`; `timeout` is in seconds and counts
    waiting for another process that builds the same.  `progress` is called with a line
    for each step, from more than one thread.  A build that fails, is ended or
    interrupted leaves nothing.  With `rebuild` one of the user's store is built anew.
    `on_site` says that engines are an administrator's affair, for the sentence without `build`.

    Raises GoTooOld, UnsupportedPlatform, EngineMissing (without `build`), BuildFailed,
    BuildTimedOut, StoreUnwritable, StoreUntrusted and MendFailed.
    """
    check_supported(engine, toolchain)
    key = build_key(engine, toolchain, variables, go_hash)
    found = None if rebuild else _find(stores, key, build)
    if found:
        return found
    if not build:
        raise EngineMissing(engine.name, toolchain, key, stores.of_site(expected=on_site))
    # Imported here: a launch that finds its engine, as nearly all do, needs none of it.
    from go_kernel.engines import produce

    job = produce.Job(
        engine,
        toolchain,
        produce.build_variables(variables, toolchain),
        timeout,
        progress or (lambda line: None),
    )
    with produce.locked(stores, key, job):
        # Somebody else may have built it while we waited.
        found = None if rebuild else _find(stores, key, build)
        return found or produce.build(job, key, go_hash, stores)


def check_supported(engine: Engine, toolchain: Toolchain) -> None:
    """Raise GoTooOld or UnsupportedPlatform for a toolchain that can't build the engine."""
    if toolchain.goos not in _SYSTEMS:
        raise UnsupportedPlatform(engine.display_name, toolchain.goos)
    if toolchain.numbers < engine.minimum_go:
        others = (catalogue.get(name) for name in catalogue.names())
        instead = next((one.name for one in others if toolchain.numbers >= one.minimum_go), "")
        raise GoTooOld(engine.display_name, toolchain.version, engine.minimum_go, instead)


def _find(stores: Stores, key: str, may_build: bool) -> Build | None:
    try:
        return stores.find(key)
    except StoreUntrusted as error:
        # An untrustworthy site store can be done without; our own store can't.
        if may_build and not error.path.is_relative_to(stores.user):
            return None
        raise
