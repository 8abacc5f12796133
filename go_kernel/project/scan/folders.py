"""The risks of one replace that leads to a folder: what is there, and where it is."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from go_kernel.findings import Remedy
from go_kernel.project.goversion import is_newer
from go_kernel.project.scan.findings import dropping, leading_to, of_replace
from go_kernel.project.scan.model import Declared, Replace, Risk, Unread
from go_kernel.project.scan.targets import Target

_TEMPORARY = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - not written to


def risks(file: Declared, replace: Replace, target: Target, project: Path) -> Iterator[Risk]:
    """All of them; `project` is the folder that moves as a whole: a repository, mostly."""
    if target.absent:
        yield of_replace(
            "replace.missing",
            file,
            replace,
            f"and {_whole(replace, target)} {target.absent}: Go builds nothing that needs it.",
            dropping(file, replace, "Put the module there, or drop the replace"),
        )
        return
    yield from _content(file, replace, target)
    yield from _position(file, replace, target, project)
    if target.links:
        links = ", ".join(f"{link} -> {os.readlink(link)}" for link in target.links)  # noqa: PTH115
        yield of_replace(
            "replace.through-link",
            file,
            replace,
            "and a symbolic link is on the way there: whoever changes it changes what is compiled.",
            evidence=links,
        )
    if target.open_to:
        yield of_replace(
            "replace.open-to-others",
            file,
            replace,
            f"where others could put other sources: {target.open_to}.",
            "Take the others' right to write away, or use a copy that is yours.",
        )


def _content(file: Declared, replace: Replace, target: Target) -> Iterator[Risk]:
    where = _whole(replace, target)
    if target.mod is None:
        yield of_replace(
            "replace.no-go-mod",
            file,
            replace,
            f"and {where} holds no go.mod: Go builds nothing that needs it.",
            dropping(file, replace, "Make it a module with `go mod init`, or drop the replace"),
        )
    elif isinstance(target.mod, Unread):
        # Of a dependency's go.mod Go forgives lines that it doesn't know, and nothing else.
        parsed = bool(target.mod.evidence)
        told = "has an error" if parsed else "can't be read"
        yield of_replace(
            "replace.broken" if parsed else "replace.unreadable",
            file,
            replace,
            f"whose go.mod {told}: {target.mod.reason}.",
            f"Mend {target.folder / 'go.mod'}.",
            target.mod.evidence,
        )
    else:
        yield from _declared(file, replace, target.mod)


def _declared(file: Declared, replace: Replace, mod: Declared) -> Iterator[Risk]:
    if mod.module != replace.old:
        named = f"says that it is {mod.module}" if mod.module else "has no module line"
        yield of_replace(
            "replace.other-module",
            file,
            replace,
            f"whose go.mod {named}: it builds, but without the replace another module is taken.",
            f"Make it say `module {replace.old}`, or require and import it by its own path.",
        )
    own = file.place.root.go
    if own and mod.go and is_newer(mod.go, own):
        yield of_replace(
            "replace.newer-go",
            file,
            replace,
            f"which asks for Go {mod.go}; there is {own}, which refuses it.",
            "Use a newer Go, or lower its `go` line.",
        )
    elif not file.is_work and raises(mod.go, file.go):
        yield of_replace(
            "replace.raises-go",
            file,
            replace,
            f"which asks for Go {mod.go}, and {file.module} for {file.go}: Go builds nothing.",
            Remedy("Write it there, too", (f"cd {shlex.quote(str(file.folder))} && go mod tidy",)),
        )


def raises(asked: str, of: str) -> bool:
    """Whether a go line that is needed is newer than the one of who needs it.

    Below 1.21 Go doesn't compare them.  ref: https://go.dev/doc/toolchain#config
    """
    return bool(of) and is_newer(asked, of) and not is_newer("1.21", asked)


def _position(file: Declared, replace: Replace, target: Target, project: Path) -> Iterator[Risk]:
    prefix = file.place.root.prefix
    inside = target.folder.is_relative_to(project)
    if not inside and (place := _temporary(target.folder, project)):
        yield of_replace(
            "replace.temporary",
            file,
            replace,
            f"and {place} is emptied by itself.",
            "Move the module to where it stays.",
        )
    if Path(replace.by).is_absolute():
        relative = os.path.relpath(target.folder, file.folder)
        relative = relative if relative.startswith(".") else f"./{relative}"
        yield of_replace(
            "replace.absolute",
            file,
            replace,
            "an absolute path: on another machine, or for another user, it isn't there.",
            leading_to(file, replace, relative, "Make it relative") if inside else None,
        )
    elif prefix is not None and not target.folder.is_relative_to(prefix):
        yield of_replace(
            "replace.outside-environment",
            file,
            replace,
            f"which leads out of the environment {prefix}: a copy of that one lacks it.",
            "Keep the module in the environment, or require a version that is published.",
        )
    elif not inside:
        yield of_replace(
            "replace.outside",
            file,
            replace,
            f"which leads out of the project {project}: whoever checks that out lacks it.",
            "Keep the module in the project, use a go.work that isn't checked in, or require a "
            "version that is published.",
        )


def _temporary(folder: Path, project: Path) -> Path | None:
    for place in _TEMPORARY:
        if folder.is_relative_to(place) and not project.is_relative_to(place):
            return place
    return None


def _whole(replace: Replace, target: Target) -> str:
    """The folder, where the replace itself doesn't say it."""
    return "it" if replace.by == str(target.folder) else str(target.folder)
