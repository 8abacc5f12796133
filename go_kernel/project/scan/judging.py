"""All risks of what was found and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from go_kernel.files import exists
from go_kernel.findings import Remedy, Status
from go_kernel.project.goversion import is_newer
from go_kernel.project.scan import between, folders, replaces, targets, workspaces
from go_kernel.project.scan.findings import risk
from go_kernel.project.scan.model import Declared, Place, Replace, Risk, Unread
from go_kernel.project.scan.parsing import Content
from go_kernel.project.scan.targets import Target


def judged(places: Sequence[Place], read: Mapping[Path, Content | Unread]) -> Iterator[Risk]:
    """The risks of the files in `places`; `read` also has those that their replaces lead to."""
    declared = []
    for place in places:
        content = read[place.file]
        if isinstance(content, Unread):
            yield _unreadable(place, content)
        else:
            declared.append(Declared(place, content))
    modules = {one.folder: one for one in declared if not one.is_work}
    works = [one for one in declared if one.is_work]
    projects = Projects(declared)
    edges: list[between.Edge] = []
    looked: dict[tuple[Path, Path], Target] = {}
    for file in declared:
        yield from _own(file)
        requires = _requires(file, modules)
        yield from replaces.risks(file, requires)
        project = projects.of(file)
        for replace in file.replaces:
            if replace.is_folder and replace.old != file.module:
                way = file.folder, targets.folder_of(file, replace)
                target = looked.get(way) or targets.look(file, replace, read)
                looked[way] = target
                found = folders.risks(file, replace, target, project)
                yield from _as_it_counts(found, file, replace, requires)
                if target.declared:
                    edges.append((file, replace, target.declared))
    for work in works:
        yield from workspaces.risks(work, modules)
    yield from workspaces.left_out(works, modules)
    yield from between.not_inherited(edges, works)
    yield from between.circles(edges)
    yield from between.duplicates(modules.values())


class Projects:
    """Which folder belongs together: a repository, or else the outermost module around."""

    def __init__(self, files: Sequence[Declared]):
        self._holding = {one.folder for one in files}
        self._repositories: dict[Path, Path | None] = {}

    def of(self, file: Declared) -> Path:
        """The folder of a file's project."""
        repository = self._repository(file.folder)
        if repository is not None:
            return repository
        around = [one for one in (file.folder, *file.folder.parents) if one in self._holding]
        return around[-1]

    def _repository(self, folder: Path) -> Path | None:
        passed = []
        found: Path | None = None
        for one in (folder, *folder.parents):
            if one in self._repositories:
                found = self._repositories[one]
                break
            passed.append(one)
            if exists(one / ".git"):
                found = one
                break
        self._repositories.update(dict.fromkeys(passed, found))
        return found


def _requires(file: Declared, modules: Mapping[Path, Declared]) -> Mapping[str, str]:
    """What a file requires; a go.work, what any of its modules does, in any version."""
    if not file.is_work:
        return file.requires
    members = [modules[folder] for folder in file.uses if folder in modules]
    asked = {(path, version) for one in members for path, version in one.requires.items()}
    of_replaces = {(one.old, one.old_version) for one in file.replaces}
    return dict(sorted(asked)) | dict(asked & of_replaces)


def _as_it_counts(
    found: Iterator[Risk], file: Declared, replace: Replace, requires: Mapping[str, str]
) -> Iterator[Risk]:
    """The risks of a folder; nothing of one that has no effect is worse than a warning."""
    if replaces.counts(file, replace, requires):
        yield from found
    elif replace.old not in requires:
        yield from (one.at_most(Status.WARN) for one in found)


def _own(file: Declared) -> Iterator[Risk]:
    if not file.is_work and not file.module:
        yield risk(
            "module.nameless",
            file.place,
            f"{file.file} has no module line: Go builds nothing here.",
            f"Give it one: `go mod edit -module=NAME {file.file}`.",
        )
    own = file.place.root.go
    if own and file.go and is_newer(file.go, own):
        where = file.place.root.prefix
        there = f"the Go of {where} is {own}" if where else f"there is {own}"
        yield risk(
            "module.newer-go",
            file.place,
            f"{file.file} asks for Go {file.go}, and {there}, which refuses it.",
            Remedy("Use a newer Go, or lower the `go` line."),
            module=file.module,
        )


def _unreadable(place: Place, unread: Unread) -> Risk:
    return risk(
        "module.unreadable",
        place,
        f"Go can't read {place.file}: {unread.reason}.",
        "Mend it, or move it away.",
        unread.evidence,
    )
