"""Replace directives in files that aren't in force: Go heeds main modules alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from go_kernel.files import is_file
from go_kernel.findings import Finding, GoKernelError, Remedy
from go_kernel.health.check import warn
from go_kernel.health.project import directives
from go_kernel.health.project.directives import Replace
from go_kernel.health.project.looked import Looked
from go_kernel.project import reading


def look(looked: Looked) -> list[Finding]:
    """Those of a go.mod that -modfile keeps out, of one further up, of modules that stand in."""
    return [*_kept_out(looked), *_above(looked), *_standing_in(looked)]


def _kept_out(looked: Looked) -> Iterator[Finding]:
    found = looked.force
    if found.modfile is None or found.gomod is None or found.own is None:
        return
    flags = looked.said["GOFLAGS"]
    for one in _lost(looked, found.gomod, found.own.content):
        yield warn(
            f"The replace of {one.path} in {found.gomod} has no effect: GOFLAGS puts "
            f"{found.modfile} in its place, set by {flags.by}.",
            flags.taken_back(looked.context),
            evidence="\n".join([f"{one.file}: {one}", *flags.lines()]),
        )


def _above(looked: Looked) -> Iterator[Finding]:
    """Somebody stands in a module within a module: the outer one's directives don't count."""
    found = looked.force
    if found.own is None or found.gowork:
        return
    outer = next(
        (one / "go.mod" for one in found.own.folder.parents if is_file(one / "go.mod")), None
    )
    if outer is None:
        return
    for one in _lost(looked, outer, found.own.content):
        yield warn(
            f"The replace of {one.path} in {outer} has no effect in {found.folder}: there "
            f"{found.own.file} is in force.",
            Remedy(
                "Run Go in the outer folder, or repeat the directive",
                (
                    looked.command(
                        "mod", "edit", f"-replace={one.old}={_right(one)}", folder=found.own.folder
                    ),
                ),
            ),
            evidence=f"{one.file}: {one}\nGOMOD={found.gomod}",
        )


def _standing_in(looked: Looked) -> Iterator[Finding]:
    """A folder that stands in for a module has directives of its own."""
    found, seen = looked.force, set[Path]()
    for module in found.modules:
        for one in directives.of(module.file, module.content):
            inner = one.target / "go.mod" if one.target else None
            if inner is None or inner in seen or any(inner == m.file for m in found.modules):
                continue
            seen.add(inner)
            for lost in _lost(looked, inner, module.content):
                yield warn(
                    f"The replace of {lost.path} in {inner} has no effect here: Go heeds only "
                    f"those of {module.file}.",
                    Remedy(
                        "Repeat it there",
                        (
                            looked.command(
                                "mod",
                                "edit",
                                f"-replace={lost.old}={_right(lost)}",
                                folder=module.folder,
                            ),
                        ),
                    ),
                    evidence=f"{inner}: {lost}\n{module.file}: {one}",
                )


def _lost(looked: Looked, file: Path, instead: Mapping[str, Any]) -> Iterator[Replace]:
    """The directives of a file about modules that count here and that nothing replaces here."""
    if not is_file(file):
        return
    try:
        content = reading.read(looked.go, "mod", file)
    except GoKernelError:
        return  # it isn't in force
    replaced = {str(one["Old"]["Path"]) for one in instead.get("Replace") or ()}
    required = {str(one["Path"]) for one in instead.get("Require") or ()}
    if looked.graph is not None:
        required |= set(looked.graph)
    for one in directives.of(file, content):
        if one.path in required and one.path not in replaced:
            yield one


def _right(one: Replace) -> str:
    """What stands in, as another file can name it."""
    return f"{one.new}@{one.new_version}" if one.new_version else str(one.target)
