"""Carrying a declaration out, one thing after the other, or only saying what would be done.

Each thing is looked at when its turn comes: what one makes is there for the next.  One that
fails keeps none from being made but those that need it, and nothing is removed then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

from go_kernel.declared import bundles, engines, environments, kernels
from go_kernel.declared.errors import Changed, NoWay
from go_kernel.declared.record import Made
from go_kernel.declared.steps import Action, Kind, Step, Tell, World
from go_kernel.findings import GoKernelError

Progress = Callable[[str], AbstractContextManager[Tell]]


class State(str, Enum):
    """What became of one thing."""

    AS_DECLARED = "as-declared"
    PLANNED = "planned"
    DONE = "done"
    FAILED = "failed"
    LEFT_OUT = "left-out"  # since what it needs failed
    LEFT_OVER = "left-over"  # declared no more, and nobody said --prune
    KEPT = "kept"  # declared no more, and not ours alone any more


@dataclass(frozen=True)
class Outcome:
    """One thing and what became of it; `error` says why it failed or was left."""

    kind: Kind
    name: str
    state: State
    place: str = ""
    action: Action = Action.NONE
    details: tuple[str, ...] = ()
    error: GoKernelError | None = None


@dataclass(frozen=True)
class _Wish:
    """One thing that is declared, and how to find out what to do about it."""

    kind: Kind
    name: str
    look: Callable[[], Step]
    prefix: Path | None = None


def outcomes(world: World, progress: Progress, *, prune: bool = False) -> Iterator[Outcome]:
    """Do what is declared, or with the world's `dry_run` only look; each outcome as it comes.

    With `prune` what the record has and the file has no more is removed.
    """
    wanted: set[tuple[str, str]] = set()
    failed = False
    for wish in _wishes(world):
        outcome = _outcome(wish, world, progress)
        wanted.add((outcome.kind.value, outcome.place))
        failed = failed or outcome.state in (State.FAILED, State.LEFT_OUT)
        yield outcome
    over = [made for key, made in world.record.made.items() if key not in wanted]
    if prune and not failed:
        yield from _pruned(over, world, progress)
    elif not failed:  # of what failed nobody knows what it would have been
        yield from (_said(made, State.LEFT_OVER) for made in over)


def _wishes(world: World) -> Iterator[_Wish]:
    declared = world.declaration
    for bundle in declared.bundles:
        name = bundle.name or bundle.file.name
        yield _Wish(Kind.BUNDLE, name, partial(bundles.step, bundle, world))
    for one in declared.environments:
        look = partial(environments.step, one, world)
        yield _Wish(Kind.ENVIRONMENT, one.name, look, one.prefix)
    for engine in declared.engines:
        name = f"{engine.engine} for {engine.go}"
        yield _Wish(Kind.ENGINE, name, partial(engines.step, engine, world))
    for kernel in declared.kernels:
        name = kernel.name or kernels.usual_name(kernel)
        yield _Wish(Kind.KERNEL, name, partial(kernels.step, kernel, world))


def _outcome(wish: _Wish, world: World, progress: Progress) -> Outcome:
    try:
        step = wish.look()
    except GoKernelError as error:
        _lose(wish, world)
        state = State.LEFT_OUT if isinstance(error, NoWay) else State.FAILED
        return Outcome(wish.kind, wish.name, state, error=error)
    if step.action is Action.NONE:
        return _as_it_is(step, world)
    if world.dry_run:
        if wish.prefix is not None and step.action is not Action.REMOVE:
            world.missing.add(wish.prefix)
        return _of(step, State.PLANNED)
    try:
        _do(step, world, progress)
    except GoKernelError as error:
        _lose(wish, world)
        return _of(step, State.FAILED, error)
    return _of(step, State.DONE)


def _lose(wish: _Wish, world: World) -> None:
    if wish.prefix is not None:
        world.lost.add(wish.prefix)


def _as_it_is(step: Step, world: World) -> Outcome:
    """It is as declared.  A run that was killed may not have written that down."""
    known = world.record.made.get(step.key)
    if step.made is not None and known is not None and known != step.made and not world.dry_run:
        world.record.done(step.made)
    return _of(step, State.AS_DECLARED)


def _do(step: Step, world: World, progress: Progress) -> None:
    assert step.do is not None
    before = world.record.made.get(step.key)
    if step.made is not None:
        world.record.begin(step.made)
    try:
        with progress(f"{step.kind.value} {step.name}") as tell:
            made = step.do(tell)
    except GoKernelError:
        _undo_record(step, before, world)
        raise
    if step.made is not None:
        world.record.done(made)


def _undo_record(step: Step, before: Made | None, world: World) -> None:
    """What failed left nothing, or what was there before."""
    if step.made is None:
        return
    if before is None:
        world.record.forget(step.made)
    else:
        world.record.done(before)


def _pruned(over: list[Made], world: World, progress: Progress) -> Iterator[Outcome]:
    """Take away what is declared no more: kernels first, what they stand on after."""
    going = {made.key for made in over if made.kind == Kind.KERNEL.value}
    for kind in (Kind.KERNEL, Kind.ENGINE, Kind.ENVIRONMENT, Kind.BUNDLE):
        for made in over:
            if made.kind == kind.value:
                outcome = _removed(made, world, going, progress)
                if outcome is not None:
                    yield outcome
                if outcome is not None and outcome.state in (State.KEPT, State.FAILED):
                    going.discard(made.key)


def _removed(
    made: Made, world: World, going: set[tuple[str, str]], progress: Progress
) -> Outcome | None:
    try:
        step = _removal(made, world, going)
        if step is None:
            if not world.dry_run:
                world.record.forget(made)
            return None
        if world.dry_run:
            return _of(step, State.PLANNED)
        assert step.do is not None
        with progress(f"{step.kind.value} {step.name}") as tell:
            step.do(tell)
        world.record.forget(made)
        return _of(step, State.DONE)
    except Changed as error:
        return _said(made, State.KEPT, error)
    except GoKernelError as error:
        return _said(made, State.FAILED, error)


def _removal(made: Made, world: World, going: set[tuple[str, str]]) -> Step | None:
    if made.kind == Kind.KERNEL.value:
        return kernels.removal(made, world)
    if made.kind == Kind.ENGINE.value:
        return engines.removal(made, world, going)
    if made.kind == Kind.ENVIRONMENT.value:
        return environments.removal(made, world, going)
    return bundles.removal(made, world)


def _of(step: Step, state: State, error: GoKernelError | None = None) -> Outcome:
    return Outcome(step.kind, step.name, state, step.place, step.action, step.details, error)


def _said(made: Made, state: State, error: GoKernelError | None = None) -> Outcome:
    return Outcome(Kind(made.kind), made.name, state, made.place, Action.REMOVE, error=error)
