"""`engine.rebuild`: build what a kernel runs, where it is missing or was changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from go_kernel import kernel_state, prepare
from go_kernel.config import KernelConfig
from go_kernel.digests import remembered_sha256
from go_kernel.engines import catalogue, keys
from go_kernel.engines.build import check_supported
from go_kernel.engines.errors import StoreUntrusted
from go_kernel.engines.store import Build
from go_kernel.files import exists, foreign_writer
from go_kernel.findings import GoKernelError, Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import listed
from go_kernel.resolve import Resolved

# A person sees the progress and can cancel.
_SECONDS = 3600.0


@dataclass
class _Wanted:
    """An engine that has to be built: for a kernel's configuration, anew or at all."""

    config: KernelConfig
    go_version: str
    rebuild: bool
    names: list[str]

    def sentence(self, context: Context) -> str:
        engine = catalogue.get(self.config.engine).display_name
        again = " again" if self.rebuild else ""
        users = f", which {listed(self.names)} will run" if self.names else ""
        return (
            f"Build {engine} with Go {self.go_version} of {self.config.target.place}{again} into "
            f"{context.around.stores.user}{users}: about a minute. The environment's activation "
            "scripts run before, where their outcome isn't known."
        )


def plan(context: Context) -> Plan | None:
    """The engines of the subject's kernels that are missing or not as they were built."""
    user = context.around.stores.user
    if exists(user) and foreign_writer(user):
        return None  # nothing that we build there would be run
    wanted = [*_wanted(context)]
    if not wanted:
        return None
    return Plan([one.sentence(context) for one in wanted], lambda: _build(wanted, context))


def _wanted(context: Context) -> Iterator[_Wanted]:
    seen: dict[tuple[str, str], _Wanted] = {}
    for name, config in _configs(context):
        try:
            found = kernel_state.resolved_by_poll(config, context.env, context.around.policy)
            key, wanting = _look(config, found, context)
        except (GoKernelError, OSError):
            continue  # there is something else to be mended first
        if wanting is None:
            continue
        if (config.engine, key) in seen:
            seen[config.engine, key].names.append(name)
            continue
        version = found.environment.toolchain.version
        one = _Wanted(config, version, wanting, [name] if name else [])
        seen[config.engine, key] = one
    yield from seen.values()


def _configs(context: Context) -> Iterator[tuple[str, KernelConfig]]:
    kernels = [(one.name, one.config) for one in context.subject.kernels if one.config]
    if kernels or context.subject.target is None:
        yield from kernels
    else:
        yield "", context.config


def _look(config: KernelConfig, found: Resolved, context: Context) -> tuple[str, bool | None]:
    """The build's key; and whether to build: False at all, True again, None for not.

    Where activation scripts never ran, nobody knows the very key; builds of the same
    engine by the same `go` stand for it, as they do in `jupyter gokernel list`.
    """
    engine, environment = catalogue.get(config.engine), found.environment
    check_supported(engine, environment.toolchain)
    if environment.errors:
        return "", None
    key = keys.build_key(engine, environment.toolchain, environment.as_dict(), found.go_hash.actual)
    stores = context.around.stores
    try:
        builds = [one for one in [stores.find(key)] if one]
    except StoreUntrusted:
        return key, True
    if not builds and kernel_state.scripts_unknown(found):
        builds = [
            one
            for one in stores.builds()
            if (one.manifest.engine, one.manifest.go_sha256) == (engine.name, found.go_hash.actual)
        ]
    if not builds:
        return key, False
    changed = [one for one in builds if not _intact(one, context)]
    if any(one.folder.is_relative_to(stores.user) for one in changed):
        return key, True
    return key, None  # a site's store comes first, whatever we build


def _intact(build: Build, context: Context) -> bool:
    cache = context.around.cache
    try:
        return all(
            remembered_sha256(path, cache) == digest for path, digest in build.programs.items()
        )
    except OSError:
        return False


def _build(wanted: list[_Wanted], context: Context) -> None:
    around = context.around
    limits = replace(around.limits, build=max(around.limits.build, _SECONDS), build_at_launch=True)
    for one in wanted:
        config = replace(one.config, build_at_launch=None, build_timeout=None)
        found = prepare.resolved(config, context.env, limits=limits, policy=around.policy)
        prepare.engine_for(
            config,
            found,
            context.env,
            limits=limits,
            progress=context.progress,
            rebuild=one.rebuild,
        )


FIX = FixKind(
    id="engine.rebuild",
    title="Build the engine",
    risk=Risk.LOW,
    plan=plan,
    recheck=("engine.built", "engine.intact"),
)
