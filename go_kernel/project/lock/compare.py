"""Each pair of a module and a package: do both sides name the same version?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from go_kernel.conda import environment_file
from go_kernel.project.goversion import order
from go_kernel.project.lock.pins import same
from go_kernel.project.lock.rules import Rule
from go_kernel.project.lock.sides import Project
from go_kernel.project.lock.versions import Inexpressible


class State(str, Enum):
    """How the two sides of a pair stand to each other."""

    SAME = "in sync"
    DIFFERS = "differs"
    UNSOLVED = "not solved"  # environment.yml is right, and conda-lock.yml older than it
    UNASKED = "not asked for"
    UNUSED = "not required"
    UNKNOWN = "no counterpart"


@dataclass(frozen=True)
class Pair:
    """One module and its package; `rule` is None for Go itself.

    `ours` is go.mod's version ("" for none), `wanted` what it is for conda ("" where
    conda has no word for it), `asked` are the specs of environment.yml, which `file` is
    called, `locked` the versions in conda-lock.yml by platform, `said` is a sentence unless
    they are in sync.
    """

    name: str
    package: str
    rule: Rule | None
    ours: str
    wanted: str
    asked: tuple[str, ...]
    locked: Mapping[str, str]
    state: State
    said: str = ""
    file: str = environment_file.NAME

    @property
    def spoken(self) -> str:
        """The module in a sentence, or Go."""
        return self.name if self.rule else "Go"

    @property
    def theirs(self) -> str:
        """Conda's side in words: what is asked for, and what is locked."""
        parts = [f"{self.file} asks for {' and '.join(self.asked)}"] if self.asked else []
        if spoken := spoken_versions(self.locked):
            parts.append(f"conda-lock.yml holds {spoken}")
        return ", ".join(parts) or "nothing is said"

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "module": self.name if self.rule else None,
            "package": self.package,
            "go_mod": self.ours or None,
            "wanted": self.wanted or None,
            "environment_file": list(self.asked),
            "lock_file": dict(self.locked),
            "state": self.state.value,
            "summary": self.said,
        }


def spoken_versions(locked: Mapping[str, str]) -> str:
    """`1.2.3`, or each with its platform where they differ; "" for none."""
    known = {version for version in locked.values() if version}
    if len(known) == 1 and all(locked.values()):
        return next(iter(known))
    return ", ".join(f"{version} ({one})" for one, version in sorted(locked.items()) if version)


def pairs(project: Project) -> list[Pair]:
    """Go itself, then each module of the rules.  Raises as `specs.matches`."""
    return [_go(project), *(_module(project, rule) for rule in project.rules.modules)]


def _go(project: Project) -> Pair:
    package, line = project.rules.go, project.go
    locked = project.locked(package)
    state, said = _state_of_go(project, package, line, locked)
    asked = tuple(one.shown for one in project.pins(package))
    return Pair("go", package, None, line, line, asked, locked, state, said, project.file)


def _state_of_go(
    project: Project, package: str, line: str, locked: Mapping[str, str]
) -> tuple[State, str]:
    if not line:
        return State.UNUSED, "go.mod has no go line"
    pins = project.pins(package)
    for one in pins:
        if not one.reaches(line):
            return State.DIFFERS, f"go.mod says go {line}, {project.file} asks for {one.shown}"
    if not pins and not any(locked.values()):
        return State.UNASKED, f"neither file of conda's names {package}"
    older = {one: version for one, version in locked.items() if order(version) < order(line)}
    if older:
        said = spoken_versions(older) or f"no {package}"
        state = State.UNSOLVED if pins else State.DIFFERS
        return state, f"go.mod says go {line}, conda-lock.yml holds {said}"
    return State.SAME, ""


def _module(project: Project, rule: Rule) -> Pair:
    ours, locked = project.required.get(rule.module, ""), project.locked(rule.package)
    wanted, state, said = "", State.UNUSED, f"go.mod doesn't require {rule.module}"
    if rule.module in project.replaced and ours:
        state = State.UNKNOWN
        said = f"go.mod replaces {rule.module} with {project.replaced[rule.module]}"
    elif ours:
        try:
            wanted = rule.to_conda(ours)
            state, said = _state_of_module(project, rule, ours, wanted)
        except Inexpressible as error:
            state, said = State.UNKNOWN, str(error.summary).rstrip(".")
    asked = tuple(one.shown for one in project.pins(rule.package))
    return Pair(
        rule.module, rule.package, rule, ours, wanted, asked, locked, state, said, project.file
    )


def _state_of_module(project: Project, rule: Rule, ours: str, wanted: str) -> tuple[State, str]:
    pins, locked = project.pins(rule.package), project.locked(rule.package)
    for one in pins:
        if not one.allows(wanted):
            return State.DIFFERS, f"go.mod requires {ours}, {project.file} asks for {one.shown}"
    if not pins and not any(locked.values()):
        return State.UNASKED, f"neither file of conda's names {rule.package}"
    others = {one: version for one, version in locked.items() if not same(version, wanted)}
    if not others:
        return State.SAME, ""
    said = f"go.mod requires {ours}, conda-lock.yml holds "
    said += spoken_versions(others) or f"no {rule.package}"
    allowed = any(
        version and all(one.allows(version) for one in pins) for version in others.values()
    )
    return (State.DIFFERS if allowed else State.UNSOLVED), said
