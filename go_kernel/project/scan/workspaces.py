"""The risks of go.work files, and of what they make of the replaces of their modules."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from go_kernel.files import exists, is_file
from go_kernel.findings import Remedy
from go_kernel.project.scan.findings import dropping, of_replace, risk
from go_kernel.project.scan.folders import raises
from go_kernel.project.scan.model import Declared, Replace, Risk


def risks(work: Declared, modules: Mapping[Path, Declared]) -> Iterator[Risk]:
    """All of one workspace; `modules` are those that could be read, by their folders."""
    members = [modules[folder] for folder in work.uses if folder in modules]
    yield from _missing(work)
    yield from _twice(work, members)
    yield from _raised(work, members)
    yield from _own(work, members)
    yield from _overridden(work, members)
    yield from _conflicts(work, members)


def _missing(work: Declared) -> Iterator[Risk]:
    for folder in work.uses:
        if not exists(folder / "go.mod"):
            command = shlex.join(["go", "work", "edit", f"-dropuse={folder}", str(work.file)])
            yield risk(
                "work.missing",
                work.place,
                f"{work.file} uses {folder}, and there is no go.mod: Go builds nothing here.",
                Remedy("Put the module there, or drop it", (command,)),
            )


def _twice(work: Declared, members: Sequence[Declared]) -> Iterator[Risk]:
    paths: dict[str, list[Path]] = defaultdict(list)
    for one in members:
        paths[one.module].append(one.folder)
    for path, folders in paths.items():
        if path and len(folders) > 1:
            places = " and ".join(map(str, folders))
            yield risk(
                "work.twice",
                work.place,
                f"{work.file} uses {path} twice, in {places}: Go builds nothing here.",
                "Use one of them.",
            )


def _raised(work: Declared, members: Sequence[Declared]) -> Iterator[Risk]:
    for one in members:
        if raises(one.go, work.go):
            yield risk(
                "work.raises-go",
                work.place,
                f"{work.file} says go {work.go}, and {one.file}, which it uses, {one.go}: "
                "Go builds nothing here.",
                Remedy("Raise it", (f"cd {shlex.quote(str(work.folder))} && go work use",)),
            )


def _own(work: Declared, members: Sequence[Declared]) -> Iterator[Risk]:
    own = {one.module for one in members}
    for replace in work.replaces:
        if replace.old in own and not replace.old_version:
            yield of_replace(
                "work.replaces-own",
                work,
                replace,
                "and uses that module, too: Go builds nothing here.",
                dropping(work, replace, "Drop one of the two"),
            )


def _overridden(work: Declared, members: Sequence[Declared]) -> Iterator[Risk]:
    of_work = {(one.old, one.old_version): one for one in work.replaces}
    for member in members:
        for replace in member.replaces:
            over = of_work.get((replace.old, replace.old_version)) or of_work.get((replace.old, ""))
            if over is not None and not _same(work, over, member, replace):
                yield of_replace(
                    "replace.overridden",
                    member,
                    replace,
                    f"but {work.file} replaces it by {over.by}, which counts where the workspace "
                    "is in force.",
                    dropping(member, replace, "Keep one of the two"),
                )


def _conflicts(work: Declared, members: Sequence[Declared]) -> Iterator[Risk]:
    decided = {one.left for one in work.replaces} | {one.old for one in work.replaces}
    seen: dict[str, tuple[Declared, Replace]] = {}
    for member in members:
        for replace in member.replaces:
            first, other = seen.setdefault(replace.left, (member, replace))
            if {replace.left, replace.old} & decided or _same(first, other, member, replace):
                continue
            yield of_replace(
                "work.conflict",
                member,
                replace,
                f"and {first.file} by {other.by}: in the workspace {work.file} Go builds nothing.",
                Remedy(
                    "Say in go.work which one counts",
                    (
                        shlex.join(
                            [
                                *("go", "work", "edit"),
                                f"-replace={replace.left}={_spoken(member, replace)}",
                                str(work.file),
                            ]
                        ),
                    ),
                ),
            )


def left_out(works: Sequence[Declared], modules: Mapping[Path, Declared]) -> Iterator[Risk]:
    """Modules below the go.work that is in force there, which doesn't use them."""
    using = {one.folder: (one, frozenset(one.uses)) for one in works}
    for folder, module in modules.items():
        place = next((one for one in (folder, *folder.parents) if is_file(one / "go.work")), None)
        work, used = using.get(place or folder, (None, frozenset()))
        if work is not None and folder not in used:
            command = shlex.join(["go", "work", "use", str(folder)])
            yield risk(
                "work.left-out",
                module.place,
                f"{module.file} is below {work.file}, which doesn't use it: Go builds nothing "
                "there unless GOWORK=off.",
                Remedy("Use it", (command,)),
            )


def _same(a: Declared, one: Replace, b: Declared, other: Replace) -> bool:
    return _spoken(a, one) == _spoken(b, other)


def _spoken(file: Declared, replace: Replace) -> str:
    """What takes the place, however the file says it."""
    return str(file.joined(replace.by)) if replace.is_folder else f"{replace.by}@{replace.version}"
