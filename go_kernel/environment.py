"""GoEnvironment: every variable a kernel runs with, and where each came from.

The merge is a list of layers, lowest first.  A layer only ever sets or drops; what
stood there before stays visible under the new value, so that `env --explain` can
show it.  This module knows the machinery and the model; `layers` knows what each
layer holds, `resolve` puts them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType

from go_kernel.findings import Finding, Status
from go_kernel.toolchain import Toolchain
from go_kernel.variables import MASK, TABLE, mask_urls, masked


class Layer(IntEnum):
    """The layers, lowest first; a higher one wins."""

    GO_FILES = 1
    PARENT = 2
    ACTIVATION = 3
    SETTINGS = 4
    SITE = 5
    TOOLCHAIN = 6

    @property
    def spoken(self) -> str:
        """What people read."""
        return _SPOKEN[self]


_SPOKEN = {
    Layer.GO_FILES: "Go's files",
    Layer.PARENT: "parent process",
    Layer.ACTIVATION: "activation",
    Layer.SETTINGS: "kernel settings",
    Layer.SITE: "site policy",
    Layer.TOOLCHAIN: "toolchain",
}


@dataclass(frozen=True)
class Origin:
    """Which source set a variable: its layer, and a file or reason where there is one."""

    layer: Layer
    detail: str = ""

    def __str__(self) -> str:
        """Layer and detail."""
        return f"{self.layer.spoken}: {self.detail}" if self.detail else self.layer.spoken


@dataclass(frozen=True)
class Overridden:
    """A value that a higher layer replaced or dropped."""

    value: str
    origin: Origin


@dataclass(frozen=True)
class Variable:
    """One variable; `value` None means that it was there and is not handed on."""

    name: str
    value: str | None
    origin: Origin
    overrode: tuple[Overridden, ...] = ()

    def to_dict(self, *, secrets: bool = False) -> dict[str, object]:
        """Plain data for JSON; secrets masked unless asked for."""

        def shown(value: str | None) -> str | None:
            return value if secrets or value is None else masked(self.name, value)

        return {
            "value": shown(self.value),
            "origin": str(self.origin),
            "layer": int(self.origin.layer),
            "overrode": [
                {"value": shown(old.value), "origin": str(old.origin)} for old in self.overrode
            ],
        }


@dataclass
class Merge:
    """The growing result: layers write into it, one after the other."""

    variables: dict[str, Variable] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _go_files: dict[str, Overridden] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """The value as it stands; `default` where it is unset."""
        variable = self.variables.get(name)
        return default if variable is None or variable.value is None else variable.value

    def set(self, name: str, value: str, origin: Origin) -> None:
        """Put a value on top; the same value again keeps its first origin."""
        before = self.variables.get(name)
        if origin.layer is Layer.GO_FILES:
            self._go_files[name] = Overridden(value, origin)
        if before is None:
            self.variables[name] = Variable(name, value, origin)
        elif before.value != value or origin.layer in (Layer.SITE, Layer.TOOLCHAIN):
            self.variables[name] = Variable(name, value, origin, _beneath(before))

    def fall_through(self, name: str, origin: Origin, empty: bool = False) -> None:
        """Take a Go variable away again, so that what Go's own files say is in force.

        That is what an empty variable means to Go; with `empty` one was set.
        """
        before = self.variables.get(name)
        overrode = () if before is None else _beneath(before)
        if empty:
            overrode = (*overrode, Overridden("", origin))
        base = self._go_files.get(name)
        if base is not None:
            rest = tuple(old for old in overrode if old != base)
            self.variables[name] = Variable(name, base.value, base.origin, rest)
        elif overrode:
            self.variables[name] = Variable(name, None, origin, overrode)

    def drop(self, name: str, origin: Origin) -> None:
        """Take a variable away, where a lower layer has set it."""
        before = self.variables.get(name)
        if before is not None and before.value is not None:
            self.variables[name] = Variable(name, None, origin, _beneath(before))

    def refuse(self, name: str, value: str, origin: Origin, reason: str) -> None:
        """Record that a layer's value is not used; what lower layers set stays in force."""
        before = self.variables.get(name)
        refused = Overridden(value, Origin(origin.layer, f"{origin.detail} ({reason})".strip()))
        if before is None:
            self.variables[name] = Variable(name, None, Origin(origin.layer, reason), (refused,))
        else:
            overrode = (*before.overrode, refused)
            self.variables[name] = Variable(name, before.value, before.origin, overrode)

    def values(self) -> dict[str, str]:
        """All variables that are set."""
        return {n: v.value for n, v in self.variables.items() if v.value is not None}


def without_secrets(merge: Merge) -> tuple[Finding, ...]:
    """The findings, with every secret that a variable holds masked in their words."""
    if not merge.findings:  # the usual case, at every launch
        return ()
    secrets = [
        old.value
        for name, variable in merge.variables.items()
        for old in (*variable.overrode, Overridden(variable.value or "", variable.origin))
        if masked(name, old.value) == MASK
        and len(old.value) >= 8  # shorter ones are words of their own
    ]

    def clean(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, MASK)
        return mask_urls(text)

    return tuple(
        replace(found, summary=clean(found.summary), evidence=clean(found.evidence))
        for found in merge.findings
    )


def _beneath(before: Variable) -> tuple[Overridden, ...]:
    if before.value is None:
        return before.overrode
    return (*before.overrode, Overridden(before.value, before.origin))


@dataclass(frozen=True)
class GoEnvironment:
    """The resolved environment of one kernel.

    `prefix` is None for a toolchain outside conda.  `findings` holds what was
    noticed on the way; with one of status error no kernel may start.
    """

    name: str
    prefix: Path | None
    toolchain: Toolchain
    variables: Mapping[str, Variable]
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "variables", MappingProxyType(dict(self.variables)))

    def as_dict(self) -> dict[str, str]:
        """The variables as a process gets them."""
        return {n: v.value for n, v in self.variables.items() if v.value is not None}

    def get(self, name: str, default: str = "") -> str:
        """One value; `default` where it is unset."""
        variable = self.variables.get(name)
        return default if variable is None or variable.value is None else variable.value

    def about_go(self, parent: Mapping[str, str]) -> dict[str, str | None]:
        """What a shell with the variables `parent` has to set to be in this environment.

        Go's, the compilers' and conda's variables, by name, and not a person's LANG or
        EDITOR; None where one of `parent` isn't handed on.
        """
        return {
            name: one.value
            for name, one in sorted(self.variables.items())
            if _is_about_go(one) and (one.value is not None or name in parent)
        }

    @property
    def cgo(self) -> bool:
        """Whether C can be compiled, which importing third-party packages needs."""
        return self.get("CGO_ENABLED") == "1"

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid a launch."""
        return tuple(f for f in self.findings if f.status is Status.ERROR)

    def explained(self, names: Iterable[str] | None = None) -> dict[str, dict[str, object]]:
        """Every variable (or those named) as plain data, by name, secrets masked."""
        chosen = sorted(self.variables if names is None else names)
        return {name: self.variables[name].to_dict() for name in chosen}


def _is_about_go(variable: Variable) -> bool:
    return (
        variable.name in TABLE
        or variable.origin.layer is not Layer.PARENT
        or variable.name.startswith(("CONDA_", "_CONDA_", "__CONDA_"))
    )
