"""What would repair a project: `go mod tidy`, or `go mod vendor` where a vendor folder counts.

Planning changes nothing in the project.  Doing it builds everything before and after, and
what builds fewer packages than before is put back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel.files import exists, is_folder
from go_kernel.project import force
from go_kernel.project.force import InForce, Module
from go_kernel.project.go import ProjectGo
from go_kernel.project.repair import building, content, difference, staged, swap
from go_kernel.project.repair.building import Built
from go_kernel.project.repair.content import NotPlain
from go_kernel.project.repair.errors import NotRepairable, Unwritable, Worse
from go_kernel.project.repair.journal import FOLDER
from go_kernel.project.repair.staged import Staged
from go_kernel.project.repair.swap import Change


@dataclass(frozen=True)
class Repair:
    """What would be done in `root`: sentences and diffs, a digest of all, and the doing.

    `apply` raises RepairError, CommandError, and leaves everything as it was then.
    """

    root: Path
    steps: tuple[str, ...]
    digest: str
    apply: Callable[[], None]


def plan(
    go: ProjectGo, folder: Path, place: Path, progress: Callable[[str], None]
) -> Repair | None:
    """What would repair the project around `folder`; None where nothing would change.

    `go` may reach the network, `place` is an empty folder that is kept until it is done.
    Raises RepairError, CommandError, and as `force.find`.
    """
    found = force.find(go, folder)
    if found.own is None:
        raise NotRepairable(
            found.folder, "is in no Go module", "Make it one with `go mod init NAME`."
        )
    module = found.own
    try:
        if swap.is_interrupted(module.folder):
            return _restoring(module.folder)
        _refuse(go, found, module)
        before = _files(found, module)
        return _planned(go, found, module, place, before, progress)
    except OSError as error:
        raise Unwritable(module.folder, error) from error


def _restoring(root: Path) -> Repair:
    step = (
        f"A repair of {root} was killed midway: put back what was there before it, "
        f"from {root / FOLDER}."
    )
    return Repair(root, (step,), "", lambda: swap.restore(root))


def _refuse(go: ProjectGo, found: InForce, module: Module) -> None:
    cache = go.variables.get("GOMODCACHE", "")
    if cache and module.folder.is_relative_to(Path(cache).resolve()):
        raise NotRepairable(
            module.folder,
            "is a module that Go downloaded, which nobody changes",
            "Repair the project that requires it.",
        )
    if module.file.parent != module.folder:
        raise NotRepairable(
            module.file,
            f"takes the place of {module.folder / 'go.mod'} (-modfile) from another folder",
            "Repair it without that flag, or run `go mod tidy` yourself.",
        )
    vendor = found.vendor
    if found.gowork and vendor and vendor.used:
        raise NotRepairable(
            vendor.folder,
            "is a workspace's, which only Go itself makes anew",
            f"Run `go work vendor` in {found.gowork.parent}.",
        )
    if vendor and vendor.used and _is_foreign(vendor.folder):
        raise NotRepairable(
            vendor.folder,
            "has no modules.txt, so Go didn't make it, and `go mod vendor` would empty it",
            "Rename it where it isn't meant for Go; else remove it and check again.",
        )


def _is_foreign(vendor: Path) -> bool:
    if not is_folder(vendor) or exists(vendor / "modules.txt"):
        return False
    return any(vendor.iterdir())


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
    progress: Callable[[str], None],
) -> Repair | None:
    progress(f"building {module.folder}")
    before = building.build(go, module.folder)
    progress(f"asking Go what {module.folder} needs")
    new = staged.stage(go, module, place, vendored=files.is_vendored)
    changes, lines = _compared(module, files, new)
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

    return Repair(module.folder, (*steps, *lines), digest, apply)


def _prove(go: ProjectGo, root: Path, before: Built) -> None:
    after = building.build(go, root)
    if lost := after.lost(before):
        raise Worse(root, lost, after.output, undone=True)


def _compared(
    module: Module, files: _Files, new: Staged
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """What is to be exchanged, and how people read that."""
    changes: list[Change] = []
    lines: list[str] = []
    for old, file, made in (
        (files.mod, module.file, new.mod),
        (files.sums, module.sums, new.sums),
    ):
        after = content.plain(made)
        if after != old:
            was = files.seen[file.name]
            changes.append(Change(file.name, None if after is None else made, was))
            lines += difference.of_text(file.name, old, after)
    if files.is_vendored:
        vendor = content.folder(new.vendor)
        was, now = (one.digest if one else "" for one in (files.vendor, vendor))
        if was != now:
            changes.append(Change("vendor", new.vendor if vendor else None, was))
            lines += difference.of_folder("vendor", files.vendor, vendor)
    return tuple(changes), tuple(lines)


def _mode(found: InForce, module: Module) -> str:
    vendor = found.vendor
    if vendor and vendor.used:
        return f"{module.file} is in force, with its vendor folder: {vendor.why}."
    if vendor and vendor.exists:
        return f"{module.file} is in force, and its vendor folder is not: {vendor.why}."
    return f"{module.file} is in force, without a vendor folder."


def _then(before: Built, after: Built) -> str:
    if before.is_whole:
        return "succeeds now and then"
    return f"{before} now, and then {after}"


def _joined(commands: Sequence[str]) -> str:
    spoken = [f"`{one}`" for one in commands]
    return " and ".join(filter(None, (", ".join(spoken[:-1]), spoken[-1])))
