"""Which replace directives have no effect, and why?

ref: https://go.dev/ref/mod#go-mod-file-replace
"""

from __future__ import annotations

from pathlib import Path

from go_kernel.files import exists, is_folder
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Answer, error, info, ok, skipped, warn
from go_kernel.health.project import directives, elsewhere, vendored
from go_kernel.health.project.directives import Replace
from go_kernel.health.project.looked import REPAIR, Looked, of_loaded
from go_kernel.health.project.patterns import matches


@of_loaded
def look(looked: Looked) -> Answer:
    """Each directive of the files in force, then those of files that aren't."""
    every = _in_force(looked)
    found = [wrong for one in every if (wrong := _wrong(looked, one, every))]
    found += elsewhere.look(looked)
    if found:
        return found
    if not every:
        return skipped("Nothing is replaced.")
    return ok("Each replace directive has its effect.", "\n".join(map(_line, every)))


def _in_force(looked: Looked) -> list[Replace]:
    found = looked.force
    every = list(directives.of(found.gowork, found.work)) if found.gowork else []
    for one in found.modules:
        every += directives.of(one.file, one.content)
    return every


def _line(one: Replace) -> str:
    return f"{one.file}: {one}"


def _wrong(looked: Looked, one: Replace, every: list[Replace]) -> Finding | None:
    return (
        _overruled(looked, one, every)
        or _used(looked, one)
        or _selected(looked, one, every)
        or _target(looked, one)
        or _private(looked, one)
        or vendored.look(looked, one)
    )


def _target(looked: Looked, one: Replace) -> Finding | None:
    """The folder that should stand in."""
    what = _missing(looked, one)
    if not what:
        return None
    return error(
        f"{one.file} replaces {one.path} by {one.target}, {what}: Go loads nothing that needs it.",
        Remedy("Put the module there, or take the directive out", (_drop(looked, one),)),
        evidence=_line(one),
        fix="" if one.file == looked.force.gowork else REPAIR,
    )


def _missing(looked: Looked, one: Replace) -> str:
    """Half a sentence about what should stand in and doesn't; "" where all is there."""
    if one.target is None or (looked.force.vendor and looked.force.vendor.used):
        return ""
    if not is_folder(one.target):
        return "which is not there"
    return "" if exists(one.target / "go.mod") else "where no go.mod is"


def _overruled(looked: Looked, one: Replace, every: list[Replace]) -> Finding | None:
    """What another directive says of the same module."""
    work = looked.force.gowork
    if work is None or one.file == work:
        return None
    for other in every:
        if other.path != one.path or other.file == one.file or other.means_as(one):
            continue
        if other.file == work and other.version in ("", one.version):
            return warn(
                f"The replace of {one.path} in {one.file} has no effect: {work} overrides it.",
                Remedy("Take one of both out", (_drop(looked, one),)),
                evidence=f"{_line(one)}\n{_line(other)}",
            )
        if other.version == one.version and str(other.file) < str(one.file):
            return error(
                f"{other.file} and {one.file} replace {one.path} by different things: Go loads "
                "nothing.",
                Remedy(
                    "Decide in go.work",
                    (
                        looked.command(
                            "work", "edit", f"-replace={one.old}={_right(one)}", folder=work.parent
                        ),
                    ),
                ),
                evidence=f"{_line(other)}\n{_line(one)}",
            )
    return None


def _used(looked: Looked, one: Replace) -> Finding | None:
    """A module that the workspace uses is taken from there."""
    for module in looked.force.modules:
        if looked.force.gowork and module.path == one.path and one.target != module.folder:
            return warn(
                f"The replace of {one.path} in {one.file} has no effect: the workspace "
                f"{looked.force.gowork} uses it from {module.folder}.",
                Remedy(
                    "Take it out of the workspace, or the directive out",
                    (_drop(looked, one),),
                ),
                evidence=f"{_line(one)}\nuse {module.folder}",
            )
    return None


def _selected(looked: Looked, one: Replace, every: list[Replace]) -> Finding | None:
    """What Go selected: not the module at all, or another version of it."""
    version, missing = _version(looked, one.path), _missing(looked, one)
    if missing and f"replaced by {one.new})" in looked.no_graph:
        return None  # Go misses it
    if version is None:
        by = f" by {one.target}, {missing}," if missing else ""
        commands = (_drop(looked, one),) if missing else (_get(looked, one), _drop(looked, one))
        return info(
            f"The replace of {one.path}{by} in {one.file} has no effect: nothing requires it.",
            Remedy("Take it out" if missing else "Require it, or take the directive out", commands),
            evidence=_line(one),
        )
    if one.version and version and one.version != version:
        return warn(
            f"The replace of {one.path} {one.version} in {one.file} has no effect: Go uses "
            f"{version}.",
            _of_all_versions(looked, one),
            evidence=f"{_line(one)}\n{one.path} {version}",
        )
    for other in every:
        if other.path == one.path and not one.version and other.version == version != "":
            return warn(
                f"The replace of {one.path} in {one.file} has no effect: the one for "
                f"{version}, which Go uses, comes before it.",
                Remedy(*_either(looked, one, other)),
                evidence=f"{_line(one)}\n{_line(other)}",
            )
    return None


def _of_all_versions(looked: Looked, one: Replace) -> Remedy:
    if _missing(looked, one):
        return Remedy("Take it out", (_drop(looked, one),))
    edit = _edit(looked, one, f"-dropreplace={one.old}", f"-replace={one.path}={_right(one)}")
    return Remedy("Replace each version", (edit,))


def _either(looked: Looked, one: Replace, other: Replace) -> tuple[str, tuple[str]]:
    """Of two directives the one that goes: what isn't there can't take the other's place."""
    if _missing(looked, one):
        return "Take it out", (_drop(looked, one),)
    return "Take that one out", (_drop(looked, other),)


def _version(looked: Looked, path: str) -> str | None:
    """The version that Go selected; None where it selected none at all.

    Without a whole module cache it is what the go.mod files require: since go 1.17 they
    list all that packages come from.
    """
    if looked.graph is not None:
        chosen = looked.graph.get(path)
        return str(chosen.get("Version") or "") if chosen is not None else None
    if any(one.path == path for one in looked.force.modules):
        return ""
    required = [
        str(r.get("Version") or "")
        for one in looked.force.modules
        for r in one.content.get("Require") or ()
        if r["Path"] == path
    ]
    # With several modules the highest counts, which only Go knows.
    return required[0] if len(set(required)) == 1 else "" if required else None


def _private(looked: Looked, one: Replace) -> Finding | None:
    """GOPRIVATE knows the replaced module, and Go asks for the other one."""
    said = looked.said.get("GOPRIVATE")
    if said is None or one.target is not None or one.new == one.path:
        return None
    if not matches(said.value, one.path) or matches(said.value, one.new):
        return None
    return warn(
        f"{one.file} replaces {one.path} by {one.new}, which {said.shown} doesn't cover, set by "
        f"{said.by}: Go asks proxies and the checksum database for it.",
        Remedy("Add it", (looked.setting("GOPRIVATE", f"{said.value},{one.new}"),)),
        evidence="\n".join([_line(one), *said.lines()]),
    )


def _right(one: Replace) -> str:
    return f"{one.new}@{one.new_version}" if one.new_version else str(one.new)


def _drop(looked: Looked, one: Replace) -> str:
    return _edit(looked, one, f"-dropreplace={one.old}")


def _get(looked: Looked, one: Replace) -> str:
    return looked.command("get", one.path, folder=one.file.parent)


def _edit(looked: Looked, one: Replace, *flags: str) -> str:
    verb = "work" if one.file == looked.force.gowork else "mod"
    return looked.command(verb, "edit", *flags, *_named(one.file), folder=one.file.parent)


def _named(file: Path) -> tuple[str, ...]:
    return () if file.name in ("go.mod", "go.work") else (file.name,)
