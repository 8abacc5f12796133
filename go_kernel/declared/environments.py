"""Declared environments: made where they are missing, and never changed after."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import join

from go_kernel import digests, installed
from go_kernel.conda import discovery, packages, registration, specs
from go_kernel.conda.create import EnvironmentExists, create_environment
from go_kernel.declared.errors import ApplyError, Changed, Unlike
from go_kernel.declared.model import Environment
from go_kernel.declared.record import Made
from go_kernel.declared.steps import Action, Kind, Step, Tell, World
from go_kernel.engines.store import remove as remove_folder
from go_kernel.files import is_folder
from go_kernel.findings import Findings
from go_kernel.installed import same_folder


class NotRemovable(ApplyError):
    """An environment that can't be removed."""

    id = "apply.not-removable"

    def __init__(self, prefix: Path, reason: str):
        super().__init__(
            f"The environment {prefix} can't be removed: {reason}.",
            "Apply the file again as somebody who may change that folder.",
        )
        self.prefix = prefix


def step(wish: Environment, world: World) -> Step:
    """What is to be done about an environment; raises Unlike where it isn't as declared."""
    place, wanted = str(wish.prefix), join(wish.specs)
    known = world.record.get(Kind.ENVIRONMENT.value, place)
    half = known is not None and not known.whole and not _is_whole(wish.prefix)
    if _is_free(wish.prefix) or half:

        def make(tell: Tell) -> Made:
            return _make(wish, world, half, tell)

        channels = ", ".join(map(packages.clean_address, wish.channels))
        details = [f"{wanted} from {channels}", f"in {place}"]
        if half and not _is_free(wish.prefix):
            details += ["what an interrupted run left goes first"]
        begun = Made(Kind.ENVIRONMENT.value, place, wish.name)
        return Step(Kind.ENVIRONMENT, wish.name, place, Action.MAKE, tuple(details), begun, make)
    if not is_folder(wish.prefix / "conda-meta"):
        raise EnvironmentExists(wish.prefix)
    differences = [*_differences(wish)]
    if differences:
        raise Unlike(wish.prefix, differences, wish.specs)
    made = known and Made(known.kind, place, wish.name, known.proof or _proof(wish.prefix))
    return Step(Kind.ENVIRONMENT, wish.name, place, Action.NONE, (wanted,), made)


def removal(made: Made, world: World, going: set[tuple[str, str]]) -> Step | None:
    """How to take one away; None where it is gone already.

    `going` are the keys of what goes with it.  Raises Changed where it isn't any more what
    was made, or something needs it.
    """
    prefix = Path(made.place)
    if _is_free(prefix):
        return _rest(made) if os.path.lexists(_aside(prefix)) else None
    if reason := _reason_to_stay(prefix, made, world, going):
        raise Changed(
            f"The environment {prefix}", reason, f"conda env remove --prefix {join([made.place])}"
        )

    def take_away(tell: Tell) -> Made:
        tell("removing its files")
        _remove(prefix)
        registration.unregister(prefix, world.env)
        return made

    details = (f"all that is in {prefix}",)
    return Step(Kind.ENVIRONMENT, made.name, made.place, Action.REMOVE, details, made, take_away)


def _rest(made: Made) -> Step:
    """How to take away what is left of one whose removal was interrupted."""
    rest = _aside(Path(made.place))

    def take_away(tell: Tell) -> Made:
        _clear(rest)
        return made

    details = (f"what an interrupted run left in {rest}",)
    return Step(Kind.ENVIRONMENT, made.name, made.place, Action.REMOVE, details, made, take_away)


def _make(wish: Environment, world: World, half: bool, tell: Tell) -> Made:
    if half and not _is_free(wish.prefix):
        tell("removing what an interrupted run left")
        _remove(wish.prefix)
    findings = Findings()
    create_environment(
        wish.prefix,
        wish.specs,
        wish.channels,
        env=world.env,
        progress=tell,
        findings=findings,
        command=["jupyter", "gokernel", "apply", str(world.declaration.file)],
    )
    for finding in findings.items:
        world.warn(finding)
    return Made(Kind.ENVIRONMENT.value, str(wish.prefix), wish.name, _proof(wish.prefix))


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


def _is_whole(prefix: Path) -> bool:
    """Whether it was made to its end: its history is written last."""
    return (prefix / "conda-meta" / "history").is_file()


def _proof(prefix: Path) -> str:
    """A hash of what changes with every package that comes or goes; "" where there is none."""
    try:
        return digests.sha256(prefix / "conda-meta" / "history")
    except OSError:
        return ""


def _reason_to_stay(prefix: Path, made: Made, world: World, going: set[tuple[str, str]]) -> str:
    if prefix.is_symlink() or not is_folder(prefix / "conda-meta"):
        return "it isn't a conda environment any more"
    if made.whole and _proof(prefix) != made.proof:
        return "its packages were changed since"
    if made.key in world.record.of_others():
        return "another file made it, too"
    active = discovery.active_prefix(world.env)
    if active is not None and same_folder(active, prefix):
        return "it is active"
    if Path(os.path.realpath(sys.prefix)).is_relative_to(os.path.realpath(prefix)):
        return "this very Python runs in it"
    for kernel in installed.find([world.where.kernels, *world.where.searched]):
        own = (Kind.KERNEL.value, str(kernel.folder)) in going
        if kernel.real_place == os.path.realpath(prefix) and not own:
            return f"the kernel {kernel.name} uses it"
    return ""


def _remove(prefix: Path) -> None:
    """Out of its place first, so that nobody meets half of it; raises NotRemovable."""
    away = _aside(prefix)
    _clear(away)
    try:
        prefix.rename(away)
    except OSError as error:
        raise NotRemovable(prefix, error.strerror or str(error)) from error
    _clear(away)


def _aside(prefix: Path) -> Path:
    """Where a prefix is moved to, to be removed there."""
    return prefix.with_name(f".{prefix.name}.gokernel-removed")


def _clear(folder: Path) -> None:
    remove_folder(folder)
    if os.path.lexists(folder):
        raise NotRemovable(folder, "some of its files can't be removed")
