"""What a sync would change, and what it would have to overwrite.

Which side changed is known from the notes of when both last agreed.  Where both did, or
nothing is noted, taking one side's word throws away the other's: a conflict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from go_kernel.project.goversion import order
from go_kernel.project.lock.compare import Pair, State, pairs
from go_kernel.project.lock.notes import Notes
from go_kernel.project.lock.pins import same
from go_kernel.project.lock.sides import Project
from go_kernel.project.lock.versions import Inexpressible

GO, CONDA = "go", "conda"
SOURCES = (GO, CONDA)


@dataclass(frozen=True)
class Conflict:
    """A pair whose sides name two versions, and nothing says which of them is older.

    `choices` are the sides whose word can be taken.
    """

    pair: Pair
    reason: str
    choices: frozenset[str]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "module": self.pair.name if self.pair.rule else None,
            "package": self.pair.package,
            "go": self.pair.ours,
            "conda": self.pair.theirs,
            "reason": self.reason,
        }

    def __str__(self) -> str:
        """Both sides, and why it isn't decided."""
        pair = self.pair
        ours = f"go.mod {'says go' if pair.rule is None else 'requires'} {pair.ours}"
        named = f" and {pair.package}" if pair.rule else ""
        return f"{pair.spoken}{named}: {ours}; {pair.theirs}; {self.reason}."


@dataclass
class Plan:
    """What is to be done.

    `specs` are the new specs by package, `requires` the new versions by module, `go` the
    new go line ("" for none), `left` sentences about what a sync can't mend, `solve`
    whether conda-lock has to be asked for a new solve, `postponed` whether a decision has to
    wait for that, and `stuck` whether sides differ that no sync brings together.
    """

    project: Project
    specs: dict[str, str] = field(default_factory=dict)
    requires: dict[str, str] = field(default_factory=dict)
    go: str = ""
    agreed: dict[str, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    solve: bool = False
    postponed: bool = False
    stuck: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """The sides whose word can be taken for all conflicts."""
        return tuple(one for one in SOURCES if all(one in each.choices for each in self.conflicts))

    @property
    def notes(self) -> Notes:
        """What is to be noted once this is done.

        Where go.mod changes, go.sum has yet to follow: what is noted of it stays.
        """
        project, before = self.project, self.project.notes
        known = {rule.module for rule in project.rules.modules}
        kept = {name: version for name, version in before.modules.items() if name in known}
        changed = bool(self.requires or self.go)
        return Notes(
            go_sum=before.go_sum if changed else project.sums,
            go=self.go or project.go,
            modules={**kept, **self.agreed},
        )

    @property
    def notes_change(self) -> bool:
        """Whether conda-lock.yml is to be changed."""
        lock = self.project.lock
        if lock is None:
            return False
        return any(lock.custom.get(key) != value for key, value in self.notes.as_custom().items())


def plan(project: Project, source: str = "", *, force: bool = False) -> Plan:
    """What is to be done so that both sides agree.

    `source` is whose word counts, "" for that of the side that changed; with `force` it
    counts whatever the other one says.  Raises as `specs.matches`.
    """
    # What was agreed on is noted in the lock file, which is to be made first.
    made = Plan(project, solve=project.lock is None)
    for pair in pairs(project):
        _consider(made, pair, source, force)
    return made


def _consider(made: Plan, pair: Pair, source: str, force: bool) -> None:
    made.solve |= made.project.lock is not None and pair.state is State.UNSOLVED
    if pair.state is State.UNUSED:
        return
    if pair.state is State.UNKNOWN:
        made.left.append(f"{pair.spoken}: {pair.said}.")
    elif pair.state is State.SAME or (pair.state is State.UNSOLVED and not _lowers(pair, source)):
        _agree(made, pair, pair.ours)
    elif pair.state is State.UNASKED:
        _ask_for(made, pair, source)
    else:
        _decide(made, pair, source, force)


def _ask_for(made: Plan, pair: Pair, source: str) -> None:
    """A package that conda's side doesn't name: a rule asks for it, for Go only `--from go`."""
    if source == GO or (not source and pair.rule is not None):
        _towards_conda(made, pair)
    elif pair.rule is not None:
        made.left.append(f"{pair.spoken}: {pair.said}.")


def _lowers(pair: Pair, source: str) -> bool:
    """Whether go.mod's go line is to follow a Go that is older and locked."""
    return source == CONDA and pair.rule is None and any(pair.locked.values())


def _decide(made: Plan, pair: Pair, source: str, force: bool) -> None:
    go_changed, conda_changed = _changed(made.project, pair)
    chosen = source
    if not chosen and go_changed != conda_changed and not (pair.rule is None and conda_changed):
        chosen = GO if go_changed else CONDA
    overwritten = {GO: conda_changed, CONDA: go_changed}
    if not chosen or (overwritten[chosen] and not force):
        reason, choices = _reason(made.project, pair), _choices(made.project, pair)
        made.conflicts.append(Conflict(pair, reason, choices))
        return
    (_towards_conda if chosen == GO else _towards_go)(made, pair)


def _changed(project: Project, pair: Pair) -> tuple[bool, bool]:
    """Which side is another than noted: both, where nothing is."""
    if pair.rule is None:
        base = project.notes.go
        if not base:
            return True, True
        # An older Go is allowed by what was asked for when they agreed, or somebody asked anew.
        return base != pair.ours, not all(one.reaches(base) for one in project.pins(pair.package))
    base = project.notes.modules.get(pair.name, "")
    try:
        theirs = pair.rule.to_conda(base) if base else ""
    except Inexpressible:
        theirs = ""
    if not theirs:
        return True, True
    pins = project.pins(pair.package)
    locked = [version for version in pair.locked.values() if version]
    as_noted = all(one.allows(theirs) for one in pins) and all(same(one, theirs) for one in locked)
    return base != pair.ours, not as_noted


def _reason(project: Project, pair: Pair) -> str:
    noted = project.notes.go if pair.rule is None else project.notes.modules.get(pair.name)
    if not noted:
        return "when they last agreed is noted nowhere"
    return f"they last agreed on {noted}"


def _agree(made: Plan, pair: Pair, version: str) -> None:
    if pair.rule is not None:
        made.agreed[pair.name] = version


def _towards_conda(made: Plan, pair: Pair) -> None:
    if made.project.asked is None:
        made.left.append(
            f"{pair.spoken}: {pair.said}, and there is no {made.project.file} to change."
        )
        made.stuck = True
        return
    made.specs[pair.package] = pair.wanted
    made.solve |= made.project.lock is not None
    _agree(made, pair, pair.ours)


def _towards_go(made: Plan, pair: Pair) -> None:
    if _is_outdated(made.project, pair):
        said = f"{pair.theirs}, which is to be solved anew first"
        made.left.append(f"{pair.spoken}: {said}.")
        made.solve = made.postponed = True
        return
    try:
        version = _for_go(made.project, pair)
    except Inexpressible as error:
        made.left.append(f"{pair.spoken}: {error.summary}")
        made.stuck = True
        return
    if not version:
        made.left.append(f"{pair.spoken}: conda's side names no single version ({pair.theirs}).")
        made.stuck = True
        return
    if pair.rule is None:
        made.go = version
        return
    if version != pair.ours:
        made.requires[pair.name] = version
    _agree(made, pair, version)


def _choices(project: Project, pair: Pair) -> frozenset[str]:
    """Whose word can be taken at all."""
    found = {GO} if project.asked is not None else set()
    try:
        if _is_outdated(project, pair) or _for_go(project, pair):
            found.add(CONDA)
    except Inexpressible:
        pass
    return frozenset(found)


def _for_go(project: Project, pair: Pair) -> str:
    """Conda's version in Go's words; "" where there isn't one.  Raises Inexpressible."""
    theirs = _one_version(project, pair)
    return pair.rule.to_go(theirs, pair.ours) if pair.rule and theirs else theirs


def _is_outdated(project: Project, pair: Pair) -> bool:
    """Whether environment.yml no longer allows what is locked."""
    pins = project.pins(pair.package)
    locked = {version for version in pair.locked.values() if version}
    return not all(one.allows(version) for one in pins for version in locked)


def _one_version(project: Project, pair: Pair) -> str:
    """The one version that is locked, or asked for where nothing is; "" where there isn't one."""
    pins = project.pins(pair.package)
    locked = {version for version in pair.locked.values() if version}
    if locked:
        oldest: Callable[[str], Any] = order
        found = {min(locked, key=oldest)} if pair.rule is None else locked
        return next(iter(found)) if len(found) == 1 else ""
    asked = {one.version for one in pins if one.operator and one.version}
    return next(iter(asked)) if len(asked) == 1 and len(pins) == 1 else ""
