"""One scan: find, read, judge."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel import toolchain as toolchains
from go_kernel.conda.discovery import find_environments
from go_kernel.files import exists, is_folder
from go_kernel.findings import Status, worst
from go_kernel.project.go import ProjectGo
from go_kernel.project.scan import parsing, program, targets
from go_kernel.project.scan.findings import risk
from go_kernel.project.scan.judging import judged
from go_kernel.project.scan.model import Declared, Place, Risk, Root, Unread
from go_kernel.project.scan.walking import Walked, walk
from go_kernel.toolchain import Toolchain

# From so many files on a program that reads them is worth its making: a go command for each
# takes as long as building it where Go's build cache is warm.
_MANY = 150

_ORDER = (Status.ERROR, Status.WARN, Status.INFO)
# What a go command needs that builds nothing of anybody's.
_PASSED = ("HOME", "GOCACHE", "XDG_CACHE_HOME", "TMPDIR", "PATH")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Scan:
    """What was looked through, and the risks, the worst first."""

    roots: tuple[Root, ...]
    go_version: str
    folders: int
    files: tuple[Path, ...]
    risks: tuple[Risk, ...]

    @property
    def status(self) -> Status:
        """The worst there is; ok where there is nothing."""
        return worst(one.finding for one in self.risks) if self.risks else Status.OK

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "status": self.status.value,
            "go_version": self.go_version,
            "roots": [
                {
                    "folder": str(root.folder),
                    "environment": str(root.prefix) if root.prefix else "",
                    "go_version": root.go,
                }
                for root in self.roots
            ],
            "folders": self.folders,
            "files": [str(file) for file in self.files],
            "risks": [one.to_dict() for one in self.risks],
        }


def environments(env: Mapping[str, str], cwd: Path, go: str) -> Iterator[Root]:
    """Every conda environment that can be found, with its own Go's version, else `go`."""
    for one in find_environments(env, cwd=cwd):
        prefix = Path(os.path.realpath(one.prefix))
        yield Root(prefix, prefix, toolchains.has_go(prefix) or go)


def folder(path: Path, go: str) -> Root:
    """A folder that somebody named, as a root."""
    real = Path(os.path.realpath(path))
    if is_folder(real / "conda-meta"):
        return Root(real, real, toolchains.has_go(real) or go)
    return Root(real, None, go)


def scan(
    roots: Iterable[Root],
    toolchain: Toolchain,
    env: Mapping[str, str],
    progress: Progress = lambda _: None,
) -> Scan:
    """Look through `roots`; `toolchain` is whose parser reads, `env` what is looked around in.

    Nothing of the projects is run, nothing is written to them, nobody is asked on a network.
    """
    once = tuple({root.folder: root for root in roots}.values())
    variables = {name: env[name] for name in _PASSED if name in env}
    go = ProjectGo(toolchain.go, {**variables, "GOROOT": str(toolchain.goroot)})
    walked = walk(once, toolchains.has_go, progress)
    read = _read(go, toolchain, env, walked.places, progress)
    read = {file: _unquoted(file, content, once) for file, content in read.items()}
    found = [*judged(walked.places, read), *_closed(walked, once)]
    found.sort(key=lambda one: (_ORDER.index(one.finding.status), str(one.file), one.finding.id))
    files = tuple(place.file for place in walked.places)
    return Scan(once, toolchain.version, walked.folders, files, tuple(found))


def _read(
    go: ProjectGo,
    toolchain: Toolchain,
    env: Mapping[str, str],
    places: Sequence[Place],
    progress: Progress,
) -> dict[Path, parsing.Content | Unread]:
    """The files that were found, and the go.mod that their replaces lead to."""
    files = [place.file for place in places]
    reader = program.built(toolchain, env)
    if reader is None and len(files) >= _MANY:
        progress("building a reader of go.mod files, once for this Go")
        reader = program.build(go, toolchain, env)
    if len(files) >= _MANY:
        progress(f"reading {len(files)} go.mod and go.work")
    read = parsing.parse(go, reader, files)
    beyond = sorted(set(_led_to(places, read)) - read.keys())
    return read | parsing.parse(go, reader, beyond) if beyond else read


def _unquoted(
    file: Path, content: parsing.Content | Unread, roots: Sequence[Root]
) -> parsing.Content | Unread:
    """The same, without words of a file that a link out of the scanned folders leads to.

    Whoever sends a project in may have put that link there, to have a secret file printed.
    """
    if not isinstance(content, Unread) or not content.evidence or not file.is_symlink():
        return content
    real = Path(os.path.realpath(file))
    if any(real.is_relative_to(root.folder) for root in roots):
        return content
    reason = "it is a link to a file outside of what is scanned, and Go can't read that as one"
    return Unread(reason, reason)


def _led_to(
    places: Sequence[Place], read: Mapping[Path, parsing.Content | Unread]
) -> Iterator[Path]:
    for place in places:
        content = read[place.file]
        if isinstance(content, Unread):
            continue
        file = Declared(place, content)
        for replace in file.replaces:
            if replace.is_folder:
                gomod = targets.folder_of(file, replace) / "go.mod"
                if is_folder(gomod.parent) and exists(gomod):
                    yield gomod


def _closed(walked: Walked, roots: Sequence[Root]) -> Iterator[Risk]:
    for path, reason in walked.closed:
        root = next((one for one in roots if path.is_relative_to(one.folder)), roots[0])
        summary = f"{path} can't be looked into: {reason.lower()}."
        yield risk("folder.unreadable", Place(path, root), summary)
