"""Which go.mod is in force in the folder, and what stands in it."""

from __future__ import annotations

import os
from pathlib import Path

from go_kernel import goflags
from go_kernel.files import is_folder
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import error, info, ok, skipped
from go_kernel.health.project.looked import Looked
from go_kernel.health.words import listed
from go_kernel.project.force import InForce
from go_kernel.project.reading import Undecided, Unreadable

# Projects are looked for so far down, in so many folders, and so many are named.
_LEVELS, _MOST, _SHOWN = 4, 2000, 8
_NOT_OURS = frozenset(("vendor", "testdata", "node_modules", "pkgs"))


def look(looked: Looked) -> Finding:
    """Go names the files, and reads them; raises GoKernelError where it can't."""
    try:
        found = looked.force
    except Undecided as problem:
        work = looked.said.get("GOWORK")
        if work is None or "GOWORK" not in problem.reason:
            raise
        return error(
            f"{problem.summary.rstrip('.')}; it is set by {work.by}.",
            work.taken_back(looked.context),
            evidence="\n".join(work.lines()),
        )
    except Unreadable as problem:
        return _unreadable(looked, problem)
    if any(mark in str(found.folder) for mark in "\r\n"):
        return error(
            f"The path of {found.folder} holds a line break: Go takes no package from there.",
            Remedy("Give the folder another name."),
            evidence=evidence(found),
        )
    if looked.odd_file is not None:
        return error(
            f"{looked.odd_file} is no plain file: Go can't read it, or waits for it.",
            Remedy("Take it away, or put a plain file in its place."),
            evidence=evidence(found),
        )
    if found.module_mode == "off":
        return skipped("Modules are switched off; project.mode says by whom.")
    if found.file is None:
        if below := _below(found.folder):
            return info(
                f"No go.mod is in force in {found.folder}; projects are below it: {listed(below)}.",
                Remedy("Name one of them with --project; `scan` looks at all of them"),
                evidence="\n".join(str(found.folder / one) for one in below),
            )
        return info(
            f"No go.mod is in force in {looked.folder}: it is no Go project.",
            Remedy("Make it one", (looked.command("mod", "init", "NAME", folder=looked.folder),)),
        )
    if not found.gowork and found.own is not None and not found.own.path:
        return error(
            f"{found.file} names no module.",
            Remedy(
                "Give it a module line",
                (looked.command("mod", "edit", "-module=NAME"),),
            ),
            evidence=evidence(found),
        )
    return ok(f"{_files(found)} in force in {looked.folder}.", evidence(found))


def _below(folder: Path) -> list[str]:
    """Where projects are in the folder, a few levels down; not those within others."""
    found: list[str] = []
    level, count = [folder], 0
    for _ in range(_LEVELS):
        below: list[Path] = []
        for one in level:
            count += 1
            if count > _MOST:
                break
            names = _listed(one)
            if one != folder and not names.isdisjoint(("go.mod", "go.work")):
                found.append(str(one.relative_to(folder)))
                continue
            inner = sorted(name for name in names if name[0] != "." and name not in _NOT_OURS)
            below += (one / name for name in inner if _is_folder(one / name))
        level = below
    return [*found[:_SHOWN], *([f"{len(found) - _SHOWN} more"] if found[_SHOWN:] else [])]


def _listed(folder: Path) -> frozenset[str]:
    try:
        return frozenset(one.name for one in folder.iterdir())
    except OSError:
        return frozenset()


def _is_folder(path: Path) -> bool:
    """Links aren't followed: they may lead anywhere."""
    return not path.is_symlink() and is_folder(path)


def evidence(found: InForce) -> str:
    """What counts, a line each."""
    vendor = found.vendor
    lines = [
        f"GOMOD={found.gomod or ''}",
        f"GOWORK={found.gowork or ''}",
        f"GO111MODULE={found.module_mode}",
        f"-modfile={found.modfile}" if found.modfile else "",
        f"module {found.module_path}" if found.module_path else "",
        f"go {found.go_line}" if found.go_line else "",
        f"toolchain {found.toolchain_line}" if found.toolchain_line else "",
    ]
    if vendor is not None:
        lines.append(f"vendor: {'used' if vendor.used else 'not used'}, {vendor.why}")
    return "\n".join(line for line in lines if line)


def _files(found: InForce) -> str:
    own = found.own
    if found.gowork and own is not None:
        return f"{found.gowork} and {own.file} are"
    return f"{found.file} is"


def _unreadable(looked: Looked, problem: Unreadable) -> Finding:
    work = looked.said.get("GOWORK")
    if work is not None and work.value == str(problem.file):
        remedy = work.taken_back(looked.context)
        by = f"{problem.summary.rstrip('.')}; GOWORK names it, set by {work.by}."
        return error(by, remedy, evidence=work.shown)
    flags = looked.said.get("GOFLAGS")
    if flags is not None and problem.file == _modfile(looked):
        by = f"{problem.summary.rstrip('.')}; GOFLAGS names it, set by {flags.by}."
        return error(by, flags.taken_back(looked.context), evidence="\n".join(flags.lines()))
    return error(problem.summary, problem.remedy, evidence=problem.evidence)


def _modfile(looked: Looked) -> Path | None:
    """The file that GOFLAGS puts in go.mod's place."""
    flags = goflags.split(looked.go.given.get("GOFLAGS", ""))
    named = [flag.partition("=")[2] for flag in flags if goflags.name_of(flag) == "modfile"]
    return Path(os.path.realpath(looked.folder)) / named[-1] if named else None
