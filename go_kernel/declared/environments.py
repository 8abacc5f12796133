"""Declared environments: made where they are missing, and made anew only if somebody says so."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from shlex import join

from go_kernel import digests, installed
from go_kernel.conda import discovery, packages, registration, specs
from go_kernel.conda.create import EnvironmentExists, create_environment, is_unfinished
from go_kernel.conda.strays import strays
from go_kernel.declared import aside
from go_kernel.declared.errors import Changed, Unlike, counted
from go_kernel.declared.model import Environment
from go_kernel.declared.record import Made
from go_kernel.declared.steps import Action, Kind, Step, Tell, World
from go_kernel.files import is_folder
from go_kernel.findings import Findings
from go_kernel.hooks.scripts import PLACES
from go_kernel.installed import same_folder


def step(wish: Environment, world: World) -> Step:
    """What is to be done about an environment; raises Unlike where it isn't as declared.

    One that this file made and nobody changed since is made anew then, if people say so.
    """
    place = str(wish.prefix)
    known = world.record.get(Kind.ENVIRONMENT.value, place)
    half = known is not None and _is_half(wish.prefix, known)
    if half or _is_free(wish.prefix):
        left = () if _is_free(wish.prefix) else ("what an interrupted run left goes first",)
        return _making(wish, world, Action.MAKE, left)
    if not is_folder(wish.prefix / "conda-meta"):
        raise EnvironmentExists(wish.prefix)
    differences = [*_differences(wish)]
    if differences:
        ours = known is not None and not _reason_to_stay(wish.prefix, known, world)
        own = _strays(wish.prefix) if ours else []
        if not (ours and world.replace):
            channels = [*map(packages.clean_address, wish.channels)]
            again = world.command("--replace") if ours else ()
            raise Unlike(wish.prefix, differences, wish.specs, channels, again, own)
        goes = [f"what no package brought goes, too ({counted(own)})"] if own else []
        return _making(wish, world, Action.CHANGE, [*differences, *goes])
    made = known and _finished(wish, known, world)
    if made is not None and os.path.lexists(aside.place(wish.prefix)):
        return _rest(made, f"{wish.name} (what is left of the one before)")
    return Step(Kind.ENVIRONMENT, wish.name, place, Action.NONE, wish.specs, made)


def removal(made: Made, world: World, going: set[tuple[str, str]]) -> Step | None:
    """How to take one away; None where it is gone already.

    `going` are the keys of what goes with it.  Raises Changed where it isn't any more what
    was made, or something needs it.
    """
    prefix = Path(made.place)
    if _is_free(prefix):
        left = os.path.lexists(aside.place(prefix))
        return _rest(made, f"{made.name} (what is left of it)") if left else None
    reason = _reason_to_stay(prefix, made, world) or _user(prefix, world, going)
    own = [] if reason or _is_half(prefix, made) else _strays(prefix)
    if own:
        reason = f"no package brought what else is in it ({counted(own)})"
    if reason:
        command = join(["conda", "env", "remove", "--prefix", made.place])
        raise Changed(f"The environment {prefix}", reason, command)

    def take_away(tell: Tell) -> Made:
        tell("removing its files")
        aside.remove(prefix)
        registration.unregister(prefix, world.env)
        return made

    details = (f"all that is in {prefix}",)
    return Step(Kind.ENVIRONMENT, made.name, made.place, Action.REMOVE, details, made, take_away)


def _rest(made: Made, name: str) -> Step:
    """How to take away what is left where a removal was interrupted."""
    prefix = Path(made.place)

    def take_away(tell: Tell) -> Made:
        aside.clear(prefix)
        return made

    details = (str(aside.place(prefix)),)
    return Step(Kind.ENVIRONMENT, name, made.place, Action.REMOVE, details, made, take_away)


def _making(wish: Environment, world: World, action: Action, why: Iterable[str]) -> Step:
    """Making one, where none is or where `why` another has to go."""
    place = str(wish.prefix)
    known = world.record.get(Kind.ENVIRONMENT.value, place)

    def make(tell: Tell) -> Made:
        if _is_free(wish.prefix):
            _create(wish, world, tell)
        elif action is Action.MAKE:
            tell("removing what an interrupted run left")
            aside.remove(wish.prefix)
            _create(wish, world, tell)
        else:
            with aside.replaced(wish.prefix):
                _create(wish, world, tell)
        aside.clear(wish.prefix)  # what a run left that was killed while it replaced one
        return Made(Kind.ENVIRONMENT.value, place, wish.name, _proof(wish.prefix))

    channels = ", ".join(map(packages.clean_address, wish.channels))
    details = (f"{join(wish.specs)} from {channels}", f"in {place}", *why)
    # With the old one's proof: an interrupted run puts that back.
    begun = Made(Kind.ENVIRONMENT.value, place, wish.name, known.proof if known else "")
    return Step(Kind.ENVIRONMENT, wish.name, place, action, details, begun, make)


def _create(wish: Environment, world: World, tell: Tell) -> None:
    findings = Findings()
    create_environment(
        wish.prefix,
        wish.specs,
        wish.channels,
        env=world.env,
        progress=tell,
        findings=findings,
        command=world.command(),
    )
    for finding in findings.items:
        world.warn(finding)


def _differences(wish: Environment) -> Iterator[str]:
    """In what an environment's packages are not as declared; raises PackagesError."""
    there = {package.name: package for package in packages.installed(wish.prefix)}
    for spec in wish.specs:
        package = there.get(specs.name_of(spec))
        if package is None:
            yield f"{spec} is declared and missing"
        elif not specs.matches(spec, package):
            yield f"{spec} is declared, and {package.name} is {package.version}"


def _is_free(prefix: Path) -> bool:
    """Whether there is nothing yet; an empty folder is nothing."""
    if not os.path.lexists(prefix):
        return True
    try:
        return is_folder(prefix) and not any(prefix.iterdir())
    except OSError:
        return False


def _strays(prefix: Path) -> list[str]:
    """People's own files in it; our hooks are none.  Raises PackagesError."""
    return [path for path in strays(prefix) if path not in PLACES]


def _is_half(prefix: Path, made: Made) -> bool:
    """Whether a run of this file was killed while it made it, whatever packages are there."""
    return not made.whole and is_unfinished(prefix)


def _finished(wish: Environment, known: Made, world: World) -> Made | None:
    """What the record shall say of what is as declared; None where it isn't known as ours."""
    if known.whole:
        return Made(known.kind, known.place, wish.name, known.proof)
    # A run was killed before it began, or when only its last word was missing.
    proof = _proof(wish.prefix)
    ours = (proof and proof == known.proof) or _was_made_by(world, wish.prefix)
    return Made(known.kind, known.place, wish.name, proof) if ours else None


def _was_made_by(world: World, prefix: Path) -> bool:
    """Whether the first command of its history is one that applies this file."""
    try:
        lines = (prefix / "conda-meta" / "history").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    first = next((line for line in lines if line.startswith("# cmd: ")), "")
    *words, file = world.command()
    return first.startswith(f"# cmd: {join(words[:3])} ") and first.endswith(f" {join([file])}")


def _is_changed(prefix: Path, made: Made, world: World) -> bool:
    if _is_half(prefix, made):
        return False
    if made.whole or made.proof:
        return _proof(prefix) != made.proof
    return not _was_made_by(world, prefix)


def _proof(prefix: Path) -> str:
    """A hash of what changes with every package that comes or goes; "" where there is none."""
    try:
        return digests.sha256(prefix / "conda-meta" / "history")
    except OSError:
        return ""


def _reason_to_stay(prefix: Path, made: Made, world: World) -> str:
    """Why it isn't ours to remove, as a clause; "" where it is."""
    if prefix.is_symlink():
        return f"its folder is a link to {prefix.readlink()} now"
    if not is_folder(prefix / "conda-meta"):
        return "it isn't a conda environment any more"
    if _is_changed(prefix, made, world):
        return "its packages were changed since"
    if made.key in world.record.of_others():
        return "another file made it, too"
    active = discovery.active_prefix(world.env)
    if active is not None and same_folder(active, prefix):
        return "it is active"
    if Path(os.path.realpath(sys.prefix)).is_relative_to(os.path.realpath(prefix)):
        return "this very Python runs in it"
    return ""


def _user(prefix: Path, world: World, going: set[tuple[str, str]]) -> str:
    """Which kernel, besides those that are going, needs it, as a clause; "" for none."""
    for kernel in installed.find([world.where.kernels, *world.where.searched]):
        own = (Kind.KERNEL.value, str(kernel.folder)) in going
        if kernel.real_place == os.path.realpath(prefix) and not own:
            return f"the kernel {kernel.name} uses it"
    return ""
