"""Who says what of Go's variables in a terminal where the environment is activated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from go_kernel import goflags, taking_back
from go_kernel.conda.bookkeeping import undo
from go_kernel.environment import Layer, Origin, Overridden
from go_kernel.findings import Finding, Remedy
from go_kernel.health.context import Context
from go_kernel.variables import masked

# Those that decide about a project.  What follows from the toolchain is nobody's to say.
NAMES = (
    *("GOFLAGS", "GOWORK", "GO111MODULE", "GOTOOLCHAIN"),
    *("GOBIN", "GOPATH", "GOMODCACHE", "GOCACHE"),
    *("GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB"),
)


@dataclass(frozen=True)
class Said:
    """A variable's value in a terminal, whose it is, and what it overrides, lowest first."""

    name: str
    value: str
    origin: Origin
    overrode: tuple[Overridden, ...] = ()

    @property
    def shown(self) -> str:
        """NAME=VALUE without secrets."""
        return f"{self.name}={masked(self.name, self.value)}"

    @property
    def by(self) -> str:
        """Who set it."""
        return spoken(self.origin)

    def lines(self) -> Sequence[str]:
        """All that was said of it, for evidence; what counts stands last."""
        every = (*self.overrode, Overridden(self.value, self.origin))
        return [
            f"{self.name}={masked(self.name, one.value)} ({spoken(one.origin)})" for one in every
        ]

    def taken_back(self, context: Context) -> Remedy:
        """How its owner's word is taken back."""
        if self.origin.layer is Layer.PARENT:
            return Remedy(
                "Unset it, and take it out of your shell's start-up files", (f"unset {self.name}",)
            )
        go = context.resolved.environment.toolchain
        return taking_back.remedy([self.name], self.origin, go)


def shown(finding: Finding, every: Iterable[Said]) -> Finding:
    """The finding as it may be shown: without tabs, and without secrets that Go repeated."""
    hidden = [*_hidden(every)]

    def plain(text: str) -> str:
        for value, instead in hidden:
            text = text.replace(value, instead)
        return text.expandtabs(4)

    remedy = finding.remedy and Remedy(
        plain(finding.remedy.text), tuple(map(plain, finding.remedy.commands))
    )
    summary, evidence = plain(finding.summary), plain(finding.evidence)
    return replace(finding, summary=summary, evidence=evidence, remedy=remedy)


def _hidden(every: Iterable[Said]) -> Iterator[tuple[str, str]]:
    """What GOFLAGS hold that may not be seen, whole and flag by flag, and what is shown."""
    for one in every:
        values = [one.value, *(before.value for before in one.overrode)]
        for value in values if one.name == "GOFLAGS" else ():
            for part in (value, *goflags.split(value)):
                if (instead := masked(one.name, part)) != part:
                    yield part, instead


def spoken(origin: Origin) -> str:
    """Whose word it is, as a terminal's user knows them."""
    if origin.layer is Layer.PARENT:
        return "this process"
    return taking_back.spoken(origin)


def in_terminal(context: Context) -> Mapping[str, Said]:
    """What is said of NAMES by Go's files, the process and the activation; the last counts."""
    said = {name: _said(context, name) for name in NAMES}
    return {name: one for name, one in said.items() if one is not None}


def _said(context: Context, name: str) -> Said | None:
    variable = context.resolved.environment.variables.get(name)
    if variable is None:
        return None
    # What an inherited activation of another environment set isn't there in a new terminal.
    in_parent = undo(context.env).get(name, context.env.get(name))
    every = [*variable.overrode, Overridden(variable.value or "", variable.origin)]
    counting = [
        one
        for one in every
        if one.value
        and one.origin.layer <= Layer.ACTIVATION
        and (one.origin.layer is not Layer.PARENT or one.value == in_parent)
    ]
    if not counting:
        return None
    *before, last = sorted(counting, key=lambda one: one.origin.layer)
    return Said(name, last.value, last.origin, tuple(before))
