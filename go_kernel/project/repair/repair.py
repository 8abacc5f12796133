"""What would repair a project: `go mod tidy`, or `go mod vendor` where a vendor folder counts.

Planning changes nothing in the project.  Doing it builds everything before and after, and
what builds fewer packages than before is put back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from go_kernel.findings import Risk
from go_kernel.project import force
from go_kernel.project.force import InForce, Module
from go_kernel.project.go import ProjectGo
from go_kernel.project.repair import building, content, difference, refusals, staged, swap
from go_kernel.project.repair.building import Built
from go_kernel.project.repair.content import NotPlain
from go_kernel.project.repair.errors import NotRepairable, Unwritable, Worse
from go_kernel.project.repair.journal import FOLDER
from go_kernel.project.repair.staged import Staged
from go_kernel.project.repair.swap import Change


@dataclass(frozen=True)
class Repair:
    """What would be done in `root`: sentences and diffs, a digest of all, the doing, and
    what that could cost.  Where it `leads_on`, what else is to be done shows only afterwards.

    `apply` raises RepairError, CommandError, and leaves everything as it was then.
    """

    root: Path
    steps: tuple[str, ...]
    digest: str
    apply: Callable[[], None]
    risk: Risk
    leads_on: bool = False


def plan(
    go: ProjectGo, folder: Path, place: Path, progress: Callable[[str], None]
) -> Repair | None:
    """What would repair the project around `folder`; None where nothing would change.

    In a workspace's own folder that is each of its modules.  `go` may reach the network,
    `place` is an empty folder that is kept until it is done.
    Raises RepairError, CommandError, and as `force.find`.
    """
    found = force.find(go, folder)
    try:
        if found.own is not None:
            return _of_module(go, found, found.own, place, progress)
        if found.gowork is not None and found.modules:
            return _one_by_one(go, found, found.gowork.parent, place, progress)
    except OSError as error:
        raise Unwritable(found.own.folder if found.own else found.folder, error) from error
    if found.gowork is not None:
        raise NotRepairable(
            found.gowork, "uses no module", "Add the folders of modules with `go work use DIR`."
        )
    raise NotRepairable(
        found.folder, "is in no Go module", "Name a project's folder; `go mod init NAME` makes one."
    )


def _one_by_one(
    go: ProjectGo, found: InForce, root: Path, place: Path, progress: Callable[[str], None]
) -> Repair | None:
    # What one of them is by now says nothing of the others while it is half old, half new.
    killed = [one for one in found.modules if swap.is_interrupted(one.folder)]
    every = []
    for number, module in enumerate(killed or found.modules):
        own = place / str(number)
        own.mkdir()
        alone = replace(found, folder=module.folder, own=module)
        every.append(_of_module(go, alone, module, own, progress))
    repairs = [one for one in every if one is not None]
    if not repairs:
        return None

    def apply() -> None:
        for one in repairs:
            one.apply()

    return Repair(
        root,
        tuple(step for one in repairs for step in one.steps),
        " ".join(one.digest for one in repairs),
        apply,
        max((one.risk for one in repairs), key=list(Risk).index),
        leads_on=any(one.leads_on for one in repairs),
    )


def _of_module(
    go: ProjectGo,
    found: InForce,
    module: Module,
    place: Path,
    progress: Callable[[str], None],
) -> Repair | None:
    if swap.is_interrupted(module.folder):
        return _restoring(module.folder)
    refusals.of_module(go, found, module)
    before = None
    if found.gowork is not None:
        refusals.of_workspace(go, found, found.gowork, module)
        progress(f"building {module.folder}")
        before = building.build(go, module.folder)
        if before.is_whole:
            return None  # what it lacks alone, the workspace has
    refusals.of_vendor(go, found)
    files = _files(found, module)
    if before is None:
        progress(f"building {module.folder}")
        before = building.build(go, module.folder)
    return _planned(go, found, module, place, files, before, progress)


def _restoring(root: Path) -> Repair:
    step = (
        f"A repair of {root} was killed midway: put back what was there before it, "
        f"from {root / FOLDER}."
    )
    return Repair(root, (step,), "", lambda: swap.restore(root), Risk.LOW, leads_on=True)


@dataclass(frozen=True)
class _Files:
    """What is there now; `vendor` only where it is to be made anew.

    `seen` has the digests of both files.
    """

    seen: Mapping[str, str]
    mod: bytes | None
    sums: bytes | None
    is_vendored: bool
    vendor: content.Folder | None


def _files(found: InForce, module: Module) -> _Files:
    is_vendored = bool(found.vendor and found.vendor.used)
    place = module.file
    try:
        mod = content.plain(place)
        place = module.sums
        sums = content.plain(place)
        place = module.folder / "vendor"
        vendor = content.folder(place) if is_vendored else None
    except NotPlain as error:
        raise NotRepairable(
            place, str(error), "Put a plain one in its place, or repair it yourself."
        ) from None
    seen = {module.file.name: content.of_bytes(mod), module.sums.name: content.of_bytes(sums)}
    return _Files(seen, mod, sums, is_vendored, vendor)


def _planned(
    go: ProjectGo,
    found: InForce,
    module: Module,
    place: Path,
    files: _Files,
    before: Built,
    progress: Callable[[str], None],
) -> Repair | None:
    progress(f"asking Go what {module.folder} needs")
    new = staged.stage(go, found, module, place, vendored=files.is_vendored)
    changes, lines, risk = _compared(module, files, new)
    if not changes:
        return None
    steps = [_mode(found, module), f"Run {_joined(new.commands)}."]
    if found.gowork is None:
        progress("building what would come of it")
        after = building.build(go, module.folder, *new.flags, off=True)
        if lost := after.lost(before):
            raise Worse(module.folder, lost, after.output, undone=False)
        steps.append(f"`go build ./...` {_then(before, after)}.")
    else:
        steps.append(f"`go build ./...` {before} now; what is worse then is put back.")
    digest = hashlib.sha256(
        "\n".join(
            f"{one.name} {one.was} {content.digest(one.new) if one.new else ''}" for one in changes
        ).encode()
    ).hexdigest()

    def apply() -> None:
        swap.exchange(module.folder, files.seen, changes, lambda: _prove(go, module.folder, before))

    return Repair(module.folder, (*steps, *lines), digest, apply, risk)


def _prove(go: ProjectGo, root: Path, before: Built) -> None:
    after = building.build(go, root)
    if lost := after.lost(before):
        raise Worse(root, lost, after.output, undone=True)


def _compared(
    module: Module, files: _Files, new: Staged
) -> tuple[tuple[Change, ...], tuple[str, ...], Risk]:
    """What is to be exchanged, how people read that, and what it could cost."""
    changes: list[Change] = []
    lines: list[str] = []
    risks = [Risk.NONE]
    for old, file, made in (
        (files.mod, module.file, new.mod),
        (files.sums, module.sums, new.sums),
    ):
        after = content.plain(made)
        if after != old:
            was = files.seen[file.name]
            changes.append(Change(file.name, None if after is None else made, was))
            lines += difference.of_text(file.name, old, after)
            risks.append(
                Risk.MEDIUM if file == module.file else difference.risk_of_sums(old, after)
            )
    if files.is_vendored:
        vendor = content.folder(new.vendor)
        # One without files is none.
        if (files.vendor or content.EMPTY).digest != (vendor or content.EMPTY).digest:
            was = files.vendor.digest if files.vendor else ""
            changes.append(Change("vendor", new.vendor if vendor else None, was))
            lines += difference.of_folder("vendor", files.vendor, vendor)
            risks.append(difference.risk_of_vendor(files.vendor, vendor))
    return tuple(changes), tuple(lines), max(risks, key=list(Risk).index)


def _mode(found: InForce, module: Module) -> str:
    vendor = found.vendor
    if vendor and vendor.used:
        return f"{module.file} is in force, with its vendor folder: {vendor.why}."
    if vendor and vendor.exists:
        return f"{module.file} is in force, and its vendor folder is not: {vendor.why}."
    return f"{module.file} is in force, without a vendor folder."


def _then(before: Built, after: Built) -> str:
    if before.is_whole:
        return "succeeds now, and afterwards"
    return f"{before} now, and then {after}"


def _joined(commands: Sequence[str]) -> str:
    spoken = [f"`{one}`" for one in commands]
    return " and ".join(filter(None, (", ".join(spoken[:-1]), spoken[-1])))
