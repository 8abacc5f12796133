"""`engine.rebuild`: build what a kernel runs: where it is missing or was changed, or else anew.

An engine that is just as it was built may still not start: a store that was copied from
elsewhere, a library that it wants and that went.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from go_kernel import kernel_state, prepare
from go_kernel.config import KernelConfig
from go_kernel.digests import remembered_sha256
from go_kernel.engines import catalogue
from go_kernel.engines.build import check_supported
from go_kernel.engines.errors import StoreUntrusted
from go_kernel.files import exists, foreign_writer
from go_kernel.findings import GoKernelError, Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.words import listed
from go_kernel.resolve import Resolved

# A person sees the progress and can cancel.
_SECONDS = 3600.0


class _State(Enum):
    """How it stands with a kernel's engine."""

    MISSING = "missing"
    CHANGED = "changed"
    INTACT = "intact"
    NOT_OURS = "not ours to build"


@dataclass
class _Wanted:
    """An engine that can be built: for a kernel's configuration, if need be or anew."""

    config: KernelConfig
    go_version: str
    needed: bool
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
    """The engines of the subject's kernels that need it; where none does, all that can be built."""
    user = context.around.stores.user
    if exists(user) and foreign_writer(user):
        return None  # nothing that we build there would be run
    every = [*_wanted(context)]
    wanted = [one for one in every if one.needed] or every
    if not wanted:
        return None
    return Plan([one.sentence(context) for one in wanted], lambda: _build(wanted, context))


def _wanted(context: Context) -> Iterator[_Wanted]:
    seen: dict[tuple[str, str], _Wanted] = {}
    for name, config in _configs(context):
        try:
            found = kernel_state.resolved_by_poll(config, context.env, context.around.policy)
            key, state = _look(config, found, context)
        except (GoKernelError, OSError):
            continue  # there is something else to be mended first
        if state is _State.NOT_OURS:
            continue
        if (config.engine, key) in seen:
            seen[config.engine, key].names.append(name)
            continue
        version = found.environment.toolchain.version
        needed, rebuild = state is not _State.INTACT, state is not _State.MISSING
        one = _Wanted(config, version, needed, rebuild, [name] if name else [])
        seen[config.engine, key] = one
    yield from seen.values()


def _configs(context: Context) -> Iterator[tuple[str, KernelConfig]]:
    kernels = [(one.name, one.config) for one in context.subject.kernels if one.config]
    if kernels or context.subject.target is None:
        yield from kernels
    else:
        yield "", context.config


def _look(config: KernelConfig, found: Resolved, context: Context) -> tuple[str, _State]:
    """The build's key, and how it stands with it.

    Where activation scripts never ran, nobody knows the very key; builds of the same
    engine by the same `go` stand for it, as they do in `jupyter gokernel list`.
    """
    engine, environment = catalogue.get(config.engine), found.environment
    check_supported(engine, environment.toolchain)
    if environment.errors:
        return "", _State.NOT_OURS
    key, stores = kernel_state.key_of(engine, found), context.around.stores
    try:
        builds = [one for one in [stores.find(key)] if one]
    except StoreUntrusted:
        return key, _State.CHANGED
    if not builds and kernel_state.scripts_unknown(found):
        builds = [*kernel_state.builds_by(engine, found, stores)]
    if not builds:
        return key, _State.MISSING
    ours = [one for one in builds if one.folder.is_relative_to(stores.user)]
    if not ours:
        return key, _State.NOT_OURS  # a site's store comes first, whatever we build
    hash_of = functools.partial(remembered_sha256, cache=context.around.cache)
    whole = all(one.intact(hash_of) for one in ours)
    return key, _State.INTACT if whole else _State.CHANGED


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
