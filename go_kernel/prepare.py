"""From a kernel's configuration to a process that can be started.

The provisioner and `launch` both start kernels; what has to happen before is the same
for both and stands here: resolve the variables, refuse what must not run, find or
build the engine, make a scratch folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel import hub_choice, private_places, resolve, scratch
from go_kernel.cache import Cache
from go_kernel.config import KernelConfig
from go_kernel.engines import build, catalogue, plugins
from go_kernel.engines.store import SITE_STORES_VARIABLE, Build, Stores
from go_kernel.environment import GoEnvironment
from go_kernel.findings import FindingError
from go_kernel.folders import cache_folder
from go_kernel.layers import by_hub
from go_kernel.resolve import Policy, Resolved
from go_kernel.scratch import Scratch
from go_kernel.variables import SCRATCH


@dataclass(frozen=True)
class Limits:
    """How long things may take (seconds), and whether a launch may build."""

    activation: float = 20.0
    build: float = 600.0
    build_at_launch: bool = True


@dataclass(frozen=True)
class Prepared:
    """All that is needed to start a kernel."""

    engine: Build
    environment: GoEnvironment
    variables: Mapping[str, str]
    scratch: Scratch
    inherits_sockets: bool

    def argv(self, connection_file: str) -> list[str]:
        """The command line of the kernel."""
        return self.engine.argv(connection_file)


def resolved(
    config: KernelConfig,
    parent: Mapping[str, str],
    *,
    limits: Limits,
    policy: Policy,
) -> Resolved:
    """The environment of a kernel that may run; raises FindingError for one that may not.

    Raises what `resolve.resolve` raises, too, and `hub_choice.settled`.
    """
    config = hub_choice.settled(config, parent)
    found = resolve.resolve(
        config.target,
        parent,
        cache=Cache(cache_folder(parent)),
        policy=config.under(policy),
        timeout=limits.activation,
    )
    for error in found.environment.errors:
        raise FindingError(error)
    return found


def engine_for(
    config: KernelConfig,
    found: Resolved,
    parent: Mapping[str, str],
    *,
    limits: Limits,
    progress: Callable[[str], None] | None = None,
    rebuild: bool = False,
) -> Build:
    """The built engine; built now where it is missing (or for `rebuild`) and `limits` allow it.

    The places that the site gave are made before anything uses them.  Raises UnfitPlace
    and the errors of `engines.build.ensure`.
    """
    private_places.make(found.environment)
    return build.ensure(
        catalogue.get(config.engine),
        found.environment.toolchain,
        {**found.environment.as_dict(), **found.applied.variables},
        go_hash=found.go_hash.actual,
        stores=Stores.from_environment(parent),
        timeout=config.build_timeout or limits.build,
        progress=progress,
        build=limits.build_at_launch if config.build_at_launch is None else config.build_at_launch,
        rebuild=rebuild,
        on_site=config.from_hub or by_hub(parent) or SITE_STORES_VARIABLE in parent,
    )


def prepare(
    config: KernelConfig,
    parent: Mapping[str, str],
    *,
    limits: Limits | None = None,
    policy: Policy | None = None,
    progress: Callable[[str], None] | None = None,
    inherit_lock: bool = False,
) -> Prepared:
    """Everything up to, and without, starting the kernel.

    `parent` is the environment that the kernel would have inherited; `policy` holds the
    variables that people set besides `config`'s own.  Raises GoKernelError only, and then
    leaves nothing behind.
    """
    limits = limits or Limits()
    found = resolved(config, parent, limits=limits, policy=policy or Policy())
    engine = engine_for(config, found, parent, limits=limits, progress=progress)
    base = scratch_base(parent)
    scratch.sweep(base)
    own = scratch.make(base, inherit=inherit_lock)
    environment = found.environment
    variables = {
        **engine.environment(environment.as_dict()),
        **plugins.variables(Stores.from_environment(parent), engine),
        **found.applied.variables,
        "GOKERNEL_ENVIRONMENT": environment.name,
        "GOKERNEL_GO": str(environment.toolchain.go),
        SCRATCH: str(own.folder),
        # A `go` that is killed leaves its working folder behind.
        "GOTMPDIR": environment.as_dict().get("GOTMPDIR") or str(own.folder),
    }
    takes = catalogue.get(config.engine).inherits_sockets
    return Prepared(engine, environment, variables, own, takes)


def scratch_base(parent: Mapping[str, str]) -> Path:
    """Where scratch folders are made: not in /tmp, which is often mounted noexec."""
    return cache_folder(parent) / "scratch"
