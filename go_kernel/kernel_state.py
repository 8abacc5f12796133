"""In what state an installed kernel is: would it start?

A poll may ask this, so nothing is started: activation scripts are not run, and where
their outcome isn't remembered, an engine built by the same `go` counts as the kernel's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from go_kernel import hub_choice, resolve
from go_kernel.cache import Cache
from go_kernel.config import KernelConfig
from go_kernel.engines import catalogue, keys
from go_kernel.engines.build import check_supported
from go_kernel.engines.store import Build, Stores
from go_kernel.files import is_folder
from go_kernel.findings import GoKernelError
from go_kernel.folders import cache_folder
from go_kernel.installed import Kernel
from go_kernel.resolve import Policy, Resolved


class State(str, Enum):
    """The states, in the words of `jupyter gokernel list`."""

    OK = "ok"
    ENV_GONE = "env-gone"
    GO_GONE = "go-gone"
    ENGINE_MISSING = "engine-missing"
    BROKEN_CONFIG = "broken-config"
    NO_HUB = "no-hub"


# A kernel in one of these states serves nobody any more.
GONE = frozenset({State.ENV_GONE, State.GO_GONE})


@dataclass(frozen=True)
class KernelState:
    """A state, the version of the Go that is there now, and a sentence where it isn't ok."""

    state: State
    go_version: str = ""
    problem: str = ""


def state_of(kernel: Kernel, env: Mapping[str, str], policy: Policy | None = None) -> KernelState:
    """The state of a kernel that is started from a process that holds `env`.

    `policy` holds the variables of user and site; the kernel's own settings come from
    its configuration.
    """
    if kernel.config is None:
        return KernelState(State.BROKEN_CONFIG, problem=kernel.problem)
    try:
        config = hub_choice.settled(kernel.config, env)
    except hub_choice.NotChosen as error:
        return KernelState(State.NO_HUB, problem=str(error))
    except hub_choice.BadPlace as error:
        return KernelState(State.ENV_GONE, problem=str(error))
    except GoKernelError as error:
        return KernelState(State.BROKEN_CONFIG, problem=str(error))
    if not is_folder(config.target.place):
        sentence = f"{config.target.place} does not exist any more."
        return KernelState(State.ENV_GONE, problem=sentence)
    try:
        found = resolved_by_poll(config, env, policy or Policy())
        engine = catalogue.get(config.engine)
    except GoKernelError as error:
        gone = error.id.startswith("toolchain.")
        return KernelState(State.GO_GONE if gone else State.BROKEN_CONFIG, problem=str(error))
    version = found.environment.toolchain.version
    if not found.go_hash.matches:
        sentence = next(f.summary for f in found.environment.errors if "hash" in f.id)
        return KernelState(State.GO_GONE, version, sentence)
    try:
        check_supported(engine, found.environment.toolchain)
        stores = Stores.from_environment(env)
        built = is_built(engine, found, stores)
    except GoKernelError as error:
        return KernelState(State.ENGINE_MISSING, version, str(error))
    if built:
        return KernelState(State.OK, version)
    sentence = f"{not_built(engine, found, stores)}; {_way_to_build(kernel)}."
    return KernelState(State.ENGINE_MISSING, version, sentence)


def not_built(engine: catalogue.Engine, found: Resolved, stores: Stores) -> str:
    """Which engine is missing, and in what it differs from those that are there."""
    if changed := changed_since(engine, found, stores):
        return (
            f"{engine.display_name} was built for this Go, and a program in {changed.folder} was "
            "changed or removed since, so it is not run"
        )
    sentence = f"{engine.display_name} has not been built for this Go "
    sentence += found.environment.toolchain.version
    return f"{sentence}{_unlike_the_others(engine, found, stores)} yet"


def _unlike_the_others(engine: catalogue.Engine, found: Resolved, stores: Stores) -> str:
    """In what the engine that is missing differs from those that this very Go has built."""
    others = [build.manifest.cgo for build in builds_by(engine, found, stores)]
    if not others:
        return ""
    cgo = found.environment.as_dict().get("CGO_ENABLED") != "0"
    if cgo in others:
        return " with these settings"
    return " with a C compiler" if cgo else " without a C compiler"


def _way_to_build(kernel: Kernel) -> str:
    command = f"`jupyter gokernel engine build --kernel {kernel.name}`"
    if kernel.config and kernel.config.build_at_launch is False:
        return f"build it with {command}"
    return f"the next launch builds it (about a minute), or {command}"


def resolved_by_poll(config: KernelConfig, env: Mapping[str, str], policy: Policy) -> Resolved:
    """A kernel's environment without running anything; raises as `resolve.resolve`."""
    own = config.under(policy)
    cache = Cache(cache_folder(env))
    return resolve.resolve(config.target, env, cache=cache, policy=own, may_run_scripts=False)


def is_built(engine: catalogue.Engine, found: Resolved, stores: Stores) -> bool:
    """Whether the engine is there; raises StoreUntrusted."""
    return build_of(engine, found, stores) is not None


def build_of(engine: catalogue.Engine, found: Resolved, stores: Stores) -> Build | None:
    """The built engine, or, as long as nobody knows what scripts set, one by the same `go`.

    None where there is none.  Raises StoreUntrusted.
    """
    build = stores.find(key_of(engine, found))
    if build or not scripts_unknown(found):
        return build
    return next(builds_by(engine, found, stores), None)


def key_of(engine: catalogue.Engine, found: Resolved) -> str:
    """The key of the engine's build in this environment."""
    environment = found.environment
    return keys.build_key(
        engine, environment.toolchain, environment.as_dict(), found.go_hash.actual
    )


def builds_by(engine: catalogue.Engine, found: Resolved, stores: Stores) -> Iterator[Build]:
    """All builds of the engine by the same `go`, whatever the variables were."""
    return (build for build in stores.builds() if _is_by(build, engine, found))


def changed_since(engine: catalogue.Engine, found: Resolved, stores: Stores) -> Build | None:
    """A build that would be the engine, had nobody changed its programs; None where none."""
    key = key_of(engine, found)
    return next(
        (
            build
            for build in stores.changed()
            if build.key == key or (scripts_unknown(found) and _is_by(build, engine, found))
        ),
        None,
    )


def _is_by(build: Build, engine: catalogue.Engine, found: Resolved) -> bool:
    made = build.manifest
    return made.engine == engine.name and made.go_sha256 == found.go_hash.actual


def scripts_unknown(found: Resolved) -> bool:
    """Whether the variables lack what activation scripts would set."""
    return any(finding.id == "activation.not-run" for finding in found.environment.findings)
