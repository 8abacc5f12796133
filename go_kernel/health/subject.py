"""What is checked: each Go with its kernels, and the machine around them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel import choose, inventory
from go_kernel.files import exists
from go_kernel.findings import GoKernelError
from go_kernel.installed import Kernel, settled
from go_kernel.resolve import Target
from go_kernel.toolchain import read_version

# The id of what belongs to no environment.
MACHINE = "machine"
ID = re.compile(r"machine|[0-9a-f]{16}")


@dataclass(frozen=True)
class Subject:
    """A conda environment or a GOROOT with the kernels for it; the machine has no target."""

    id: str
    name: str
    target: Target | None
    kernels: tuple[Kernel, ...] = ()

    @property
    def place(self) -> str:
        """The prefix or GOROOT as text, as findings name it; "" for the machine."""
        return str(self.target.place) if self.target else ""


class UnknownSubject(GoKernelError):
    """No environment has this id."""

    id = "health.unknown-environment"

    def __init__(self, said: str):
        super().__init__(
            f"There is no Go environment {said!r} here any more.",
            "Look again at the list of environments.",
        )
        self.said = said


def id_of(place: Path) -> str:
    """An id for a prefix or GOROOT: the same for as long as it lies there."""
    return hashlib.sha256(os.fsencode(os.path.realpath(place))).hexdigest()[:16]


def machine(kernels: Iterable[Kernel]) -> Subject:
    """What belongs to no environment; `kernels` are all that are installed."""
    return Subject(MACHINE, "this machine", None, tuple(kernels))


def of(target: Target, kernels: Iterable[Kernel]) -> Subject:
    """A target, with those of `kernels` that are for it."""
    real = os.path.realpath(target.place)
    mine = (kernel for kernel in kernels if kernel.real_place == real)
    return Subject(id_of(target.place), target.name, target, tuple(mine))


def is_forgotten(subject: Subject) -> bool:
    """Whether there is nothing of it any more: neither a folder, nor a kernel for it."""
    return subject.target is not None and not subject.kernels and not exists(subject.place)


def everything(
    env: Mapping[str, str], kernels: Sequence[Kernel], cwd: Path | None = None
) -> list[Subject]:
    """The machine, then each environment that has Go or a kernel, each GOROOT with a kernel.

    Files alone tell; nothing is started.  A kernel that follows the Hub belongs to the
    environment that the Hub chose, and on a server of none to the machine alone.
    """
    kernels = settled(kernels, env)
    found = {one.id: one for one in _targets(env, kernels, cwd)}
    return [machine(kernels), *found.values()]


def by_id(said: str, subjects: Iterable[Subject]) -> Subject:
    """The subject of this id; raises UnknownSubject."""
    for subject in subjects:
        if subject.id == said:
            return subject
    raise UnknownSubject(said)


def _targets(
    env: Mapping[str, str], kernels: Sequence[Kernel], cwd: Path | None
) -> Iterator[Subject]:
    for found in inventory.with_go(env, kernels, cwd):
        yield of(Target(found.name, prefix=found.prefix), kernels)
    for kernel in kernels:
        if kernel.config and kernel.config.place:
            yield of(kernel.config.target, kernels)
    embedded = choose.embedded_goroot()
    if embedded is not None:
        # Be it whole or not: what is wrong with it is what the checks say.
        yield of(Target(read_version(embedded), goroot=embedded), kernels)
