"""How the risks of a scan are made: their ids, how bad they are, what each is called.

One table; the page of the docs has the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from go_kernel.findings import Finding, Remedy, Status
from go_kernel.project.scan.model import Declared, Place, Replace, Risk

_ERROR, _WARN, _INFO = Status.ERROR, Status.WARN, Status.INFO
KINDS: Mapping[str, tuple[Status, str]] = MappingProxyType(
    {
        "replace.missing": (_ERROR, "the folder isn't there"),
        "replace.no-go-mod": (_ERROR, "the folder holds no go.mod"),
        "replace.unreadable": (_ERROR, "the folder's go.mod can't be read"),
        "replace.broken": (_WARN, "the folder's go.mod has an error"),
        "replace.newer-go": (_ERROR, "the folder's go.mod asks for a newer Go"),
        "replace.raises-go": (_ERROR, "the folder's go.mod asks for a newer Go than the project's"),
        "replace.other-module": (_WARN, "the folder's go.mod names another module"),
        "replace.outside": (_WARN, "a relative path that leads out of the project"),
        "replace.outside-environment": (_WARN, "a path that leads out of the environment"),
        "replace.absolute": (_WARN, "an absolute path"),
        "replace.temporary": (_WARN, "a folder that is emptied by itself"),
        "replace.open-to-others": (_WARN, "others could change what is compiled"),
        "replace.through-link": (_INFO, "the path leads through a symbolic link"),
        "replace.cycle": (_WARN, "modules replace each other by folders, in a circle"),
        "replace.self": (_WARN, "a module replaces itself"),
        "replace.chained": (_WARN, "what takes the place is itself replaced"),
        "replace.other-version": (_WARN, "of a version that isn't required"),
        "replace.outranked": (_INFO, "the version that is required has a replace of its own"),
        "replace.not-required": (_INFO, "of a module that isn't required"),
        "replace.not-inherited": (_WARN, "of a dependency, where it has no effect"),
        "replace.overridden": (_WARN, "go.work has another replace of the module"),
        "work.conflict": (_ERROR, "two modules of a workspace replace a third differently"),
        "work.replaces-own": (_ERROR, "go.work replaces a module that it uses"),
        "work.missing": (_ERROR, "go.work uses a folder without go.mod"),
        "work.twice": (_ERROR, "go.work uses two modules of the same path"),
        "work.raises-go": (_ERROR, "go.work uses a module that asks for a newer Go than it does"),
        "work.left-out": (_WARN, "a module below go.work that it doesn't use"),
        "module.unreadable": (_ERROR, "go.mod or go.work can't be read"),
        "module.nameless": (_ERROR, "go.mod has no module line"),
        "module.newer-go": (_ERROR, "asks for a newer Go than there is"),
        "module.duplicate": (_INFO, "the same module path in several folders"),
        "folder.unreadable": (_WARN, "a folder that can't be looked into"),
    }
)


def risk(
    kind: str,
    place: Place,
    summary: str,
    remedy: Remedy | str | None = None,
    evidence: str = "",
    module: str = "",
) -> Risk:
    """A risk of this kind in a file."""
    prefix = place.root.prefix
    return Risk(
        place.file,
        Finding(
            kind,
            KINDS[kind][0],
            summary,
            evidence,
            Remedy(remedy) if isinstance(remedy, str) else remedy,
            str(prefix) if prefix else "",
        ),
        module,
    )


def of_replace(
    kind: str,
    file: Declared,
    replace: Replace,
    summary: str,
    remedy: Remedy | str | None = None,
    evidence: str = "",
) -> Risk:
    """A risk of a replace; `summary` goes on after its own words: `replaces …, WHICH …`."""
    whole = f"{file.file} replaces {replace.left} by {_by(replace)}, {summary}"
    made = risk(kind, file.place, whole, remedy, evidence)
    return Risk(made.file, made.finding, file.module, str(replace))


def dropping(file: Declared, replace: Replace, text: str) -> Remedy:
    """What to do, with the command that takes the replace away."""
    verb = "work" if file.is_work else "mod"
    argv = ["go", verb, "edit", f"-dropreplace={replace.left}", str(file.file)]
    return Remedy(text, (shlex.join(argv),))


def leading_to(file: Declared, replace: Replace, path: Path | str, text: str) -> Remedy:
    """What to do, with the command that makes the replace lead to `path`."""
    verb = "work" if file.is_work else "mod"
    argument = f"-replace={replace.left}={path}"
    return Remedy(text, (shlex.join(["go", verb, "edit", argument, str(file.file)]),))


def _by(replace: Replace) -> str:
    return f"{replace.by} {replace.version}" if replace.version else replace.by
