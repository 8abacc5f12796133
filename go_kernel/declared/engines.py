"""Declared engines: built for a Go ahead of any kernel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from go_kernel import engine_use, installed, kernel_state, prepare
from go_kernel.config import KernelConfig
from go_kernel.declared.errors import Changed
from go_kernel.declared.model import Engine
from go_kernel.declared.record import Made
from go_kernel.declared.steps import Action, Kind, Step, Tell, World, is_missing, target_of
from go_kernel.engines import catalogue
from go_kernel.engines import plugins as compiled
from go_kernel.engines.build import check_supported
from go_kernel.engines.store import Build, Stores

# As good as no limit: a person who sits before it has Ctrl-C.
_SECONDS = 86_400.0


def step(wish: Engine, world: World) -> Step:
    """What is to be done about an engine."""
    name = f"{wish.engine} for {wish.go}"
    target = target_of(wish.go, world, f"The engine {name}")
    policy = world.declaration.policy
    config = KernelConfig(
        target.name,
        str(target.prefix or ""),
        str(target.goroot or ""),
        wish.engine,
        settings=dict(policy.variables),
        offline=policy.offline,
    )
    if is_missing(target, world):
        return Step(Kind.ENGINE, name, "", Action.MAKE, ("once its environment is there",))
    found = prepare.resolved(config, world.env, limits=world.limits, policy=world.policy)
    engine = catalogue.get(wish.engine)
    check_supported(engine, found.environment.toolchain)
    stores = Stores.from_environment(world.env)
    built = kernel_state.build_of(engine, found, stores)
    if built is not None:
        made = world.record.get(Kind.ENGINE.value, built.folder)
        whole = made and replace(made, name=name, whole=True)
        return Step(Kind.ENGINE, name, str(built.folder), Action.NONE, made=whole)
    key = kernel_state.key_of(engine, found)
    place = str(stores.user / key)

    def build(tell: Tell) -> Made:
        limits = replace(world.limits, build=_SECONDS, build_at_launch=True)
        done = prepare.engine_for(config, found, world.env, limits=limits, progress=tell)
        return Made(Kind.ENGINE.value, str(done.folder), name, done.key)

    details = (f"with Go {found.environment.toolchain.version}",)
    begun = Made(Kind.ENGINE.value, place, name, key)
    return Step(Kind.ENGINE, name, place, Action.MAKE, details, begun, build)


def removal(made: Made, world: World, going: set[tuple[str, str]]) -> Step | None:
    """How to take one away; None where it is gone already; raises Changed where it is in use."""
    stores = Stores.from_environment(world.env)
    build = next(_own(stores, Path(made.place)), None)
    if build is None:
        return None
    if reason := _reason_to_stay(build, made, world, going):
        raise Changed(f"The engine {made.name}", reason, "jupyter gokernel engine prune")

    def take_away(tell: Tell) -> Made:
        keep = {one.key for one in stores.builds()} - {build.key}
        stores.prune(keep)
        compiled.prune([one for one in compiled.unused(stores, keep) if one.key == build.key])
        return made

    details = (str(build.folder),)
    return Step(Kind.ENGINE, made.name, made.place, Action.REMOVE, details, made, take_away)


def _own(stores: Stores, folder: Path) -> Iterator[Build]:
    return (one for one in stores.builds() if one.folder == folder and folder.parent == stores.user)


def _reason_to_stay(build: Build, made: Made, world: World, going: set[tuple[str, str]]) -> str:
    kernels = [
        kernel
        for kernel in installed.find([world.where.kernels, *world.where.searched])
        if (Kind.KERNEL.value, str(kernel.folder)) not in going
    ]
    users = engine_use.users([build], kernels, world.env)[build.folder]
    if users:
        return f"the kernel {users[0]} uses it"
    if engine_use.running([build]):
        return "a kernel runs on it now"
    return "another file made it, too" if made.key in world.record.of_others() else ""
