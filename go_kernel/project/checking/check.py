"""All of `check`: is a project's text in order, and is the environment the one it asks for?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel.conda import lock_file, packages
from go_kernel.project import force
from go_kernel.project.checking import formatted, gofiles, loaded, meets, tree, wanted
from go_kernel.project.checking.formatted import Formatter
from go_kernel.project.checking.gofiles import GoFiles
from go_kernel.project.checking.loaded import Loader
from go_kernel.project.checking.subject import Subject
from go_kernel.project.checking.tree import Tree
from go_kernel.project.checking.violation import Kind, Violation, format_of
from go_kernel.project.checking.wanted import Wanted
from go_kernel.project.force import InForce
from go_kernel.project.reading import Unreadable
from go_kernel.project.snapshot import model


@dataclass(frozen=True)
class Checked:
    """The answer: what is violated, and what was looked at.

    `asks` says whether files ask for more than a Go that is new enough for `lines`, the go
    lines of files by their names.
    """

    folder: Path
    subject: Subject
    formatter: Formatter
    sources: int
    files: tuple[str, ...]
    asks: bool
    lines: Mapping[str, str]
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]

    @property
    def code(self) -> int:
        """The exit code: 0, 101, 201.

        Where both kinds are violated it is 101: files that can't be read ask for nothing,
        so that who mends them may see other violations of the second kind.
        """
        return int(min((one.kind for one in self.violations), default=0))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        own = self.subject.own
        return {
            "project": str(self.folder),
            "environment": str(self.subject.prefix) if self.subject.prefix else None,
            "go": own.version if own else None,
            "formatter": str(self.formatter.path),
            "sources": self.sources,
            "files": list(self.files),
            "code": self.code,
            "violations": [one.to_dict() for one in self.violations],
            "notes": list(self.notes),
        }


def check(folder: Path, subject: Subject, progress: Callable[[str], None]) -> Checked:
    """Compare a project's folder with an environment; `progress` is told what is done.

    Nothing of the project is run and nothing is written.  Raises GoKernelError where a
    question can't be answered: no gofmt, records of packages that are damaged, no
    py-rattler where environment.yml asks for packages.
    """
    progress("looking for its files")
    found = tree.of(folder)
    chosen = formatted.formatter(subject.toolchain, subject.prefix if subject.own else None)
    violations = [
        format_of("unreadable", f"{name} may not be listed.", name) for name in found.closed
    ]
    progress(f"{chosen.name} on {len(found.sources)} files")
    violations += [loaded.plain(name) for name in found.pipes]
    violations += formatted.violations(folder, found.sources, chosen, subject.go)
    progress("its go.mod, go.sum and YAML files")
    of_go = gofiles.examined(folder, found, subject.go)
    violations += of_go.faults
    asked = wanted.read(folder)
    violations += asked.faults
    in_force = _in_force(folder, subject, violations)
    progress("its modules")
    loader = Loader(folder, subject.go, subject.spoken_go)
    violations += _of_modules(loader, found, of_go, in_force)
    progress("the environment")
    lines = _go_lines(folder, of_go, in_force)
    violations += meets.go_violations(subject, lines)
    violations += _of_environment(folder, asked, subject)
    return Checked(
        folder=folder,
        subject=subject,
        formatter=chosen,
        sources=len(found.sources),
        files=tuple(_files(found, asked)),
        asks=bool([*_named(asked)] or asked.snapshot),
        lines={name: line for name, line in lines.items() if line},
        violations=tuple(sorted(violations, key=lambda one: one.kind)),
        notes=(*loader.notes, *_notes(asked, lines)),
    )


def _in_force(folder: Path, subject: Subject, violations: list[Violation]) -> InForce | None:
    """What Go says counts in the folder; a file above it that can't be read is named, too."""
    try:
        return force.find(subject.go, folder)
    except Unreadable as error:
        fault = gofiles.unreadable(folder, error)
        if not any(one.file == fault.file and one.kind is Kind.FORMAT for one in violations):
            violations.append(fault)
    return None


def _of_modules(
    loader: Loader, found: Tree, of_go: GoFiles, in_force: InForce | None
) -> Iterator[Violation]:
    """The modules whose files Go can read, if nothing keeps it waiting."""
    faulty = {one.file for one in of_go.faults}
    if found.pipes or in_force is None or in_force.module_mode == "off" or faulty & {*found.works}:
        return
    readable = [
        name
        for name in found.mods
        if name in of_go.lines and f"{name.removesuffix('.mod')}.sum" not in faulty
    ]
    yield from loader.violations(readable, workspaces=bool(in_force.gowork or found.works))


def _go_lines(folder: Path, of_go: GoFiles, in_force: InForce | None) -> dict[str, str]:
    """Of all modules in the folder, and of the file above it that is in force there."""
    if in_force is None or in_force.file is None:
        return dict(of_go.lines)
    return {gofiles.seen_from(folder, in_force.file): in_force.go_line, **of_go.lines}


def _of_environment(folder: Path, asked: Wanted, subject: Subject) -> Iterator[Violation]:
    named = [*_named(asked)]
    if subject.prefix is None:
        if named:
            yield meets.no_environment(named)
        elif asked.snapshot:
            yield from meets.fingerprint_violations(asked.snapshot, (), subject, folder)
        return
    if not named and not asked.snapshot:
        return
    installed = packages.installed(subject.prefix)
    subdir = meets.subdir_of(installed)
    yield from meets.platform_violations(subdir, asked.environment, asked.lock)
    lock = asked.lock if asked.lock and subdir in asked.lock.platforms else None
    if asked.environment:
        yield from meets.package_violations(asked.environment, installed, subject, subdir, lock)
    if lock:
        yield from meets.locked_violations(lock, installed, subject, subdir)
    if asked.snapshot:
        yield from meets.fingerprint_violations(asked.snapshot, installed, subject, folder)


def _named(asked: Wanted) -> Iterator[str]:
    """The files that ask for an environment."""
    if asked.environment and asked.environment.dependencies:
        yield asked.environment.path.name
    if asked.lock:
        yield lock_file.NAME
    if asked.snapshot and asked.snapshot.environment:
        yield model.NAME


def _files(found: Tree, asked: Wanted) -> Iterator[str]:
    yield from (*found.mods, *found.sums, *found.works)
    yield from asked.names


def _notes(asked: Wanted, lines: Mapping[str, str]) -> Iterator[str]:
    if asked.environment and asked.environment.pip:
        yield f"What {asked.environment.path.name} asks of pip is not looked at."
    if asked.lock and any(one.manager == "pip" for one in asked.lock.packages):
        yield f"What {lock_file.NAME} has for pip is not looked at."
    if not any(lines.values()):
        yield "No go.mod or go.work says which Go it is for, so that the Go version isn't compared."
