"""One thing that is declared, compared with what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from go_kernel import choose
from go_kernel.declared.errors import NoWay
from go_kernel.declared.model import Declaration, Go
from go_kernel.declared.record import Made, Record
from go_kernel.files import is_folder
from go_kernel.findings import Finding, GoKernelError
from go_kernel.install import Where
from go_kernel.prepare import Limits
from go_kernel.resolve import Policy, Target

Tell = Callable[[str], None]


class Kind(str, Enum):
    """What can be declared, in the order in which it is made."""

    BUNDLE = "bundle"
    ENVIRONMENT = "environment"
    ENGINE = "engine"
    KERNEL = "kernel"


class Action(str, Enum):
    """What there is to do about it."""

    NONE = "none"
    MAKE = "make"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True)
class Step:
    """What is to be done about one thing, and how: `do` gives back what was made.

    `made` is what the record says meanwhile; `details` are half-sentences for people.
    """

    kind: Kind
    name: str
    place: str
    action: Action
    details: tuple[str, ...] = ()
    made: Made | None = None
    do: Callable[[Tell], Made] | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the record calls it."""
        return self.kind.value, self.place


@dataclass
class World:
    """All that steps look at.

    `options` say where kernels are put, as the command line had it.  `missing` are the
    environments that are still to be made, `lost` those that could not be or aren't as
    declared.  `limits` and `policy` are what configuration files say; with `replace` kernels
    of ours that other declarations or people made are replaced.
    """

    declaration: Declaration
    env: Mapping[str, str]
    where: Where
    record: Record
    limits: Limits = field(default_factory=Limits)
    policy: Policy = field(default_factory=Policy)
    replace: bool = False
    dry_run: bool = False
    warn: Callable[[Finding], None] = lambda finding: None
    options: Sequence[str] = ()
    missing: set[Path] = field(default_factory=set)
    lost: set[Path] = field(default_factory=set)

    def command(self, *more: str) -> list[str]:
        """The words that apply this file again, wherever they are typed."""
        file = str(self.declaration.file)
        return ["jupyter", "gokernel", "apply", *more, *self.options, file]


def target_of(go: Go, world: World, what: str) -> Target:
    """Which Go the file means, where it is or will be.

    Raises NoWay for one that could not be made, and what `choose` raises.
    """
    if go.goroot:
        return _outside(go.goroot)
    for one in world.declaration.environments:
        if go.environment in (one.name, str(one.prefix)):
            if one.prefix in world.lost:
                there = is_folder(one.prefix / "conda-meta")
                raise NoWay(what, one.name, "is not as declared" if there else "is not there")
            return Target(one.name, prefix=one.prefix)
    return choose.environment(go.environment, world.env, world.declaration.file.parent)


def is_missing(target: Target, world: World) -> bool:
    """Whether its environment is only going to be made, so that there is nothing to look at."""
    return target.prefix in world.missing


def _outside(goroot: str) -> Target:
    if goroot != "embedded":
        return choose.go(Path(goroot))
    embedded = choose.embedded_goroot()
    if embedded is None:
        raise NoEmbeddedGo
    return choose.go(embedded)


class NoEmbeddedGo(GoKernelError):
    """`go: embedded` where none is."""

    id = "apply.no-embedded-go"

    def __init__(self) -> None:
        super().__init__(
            "No Go is embedded in this Python.",
            "Run: pip install 'jupyter-gokernel[toolchain]'",
        )
