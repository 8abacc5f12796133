"""Does the go.work in force suit the project?

ref: https://go.dev/ref/mod#workspaces
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Answer, error, info, ok, skipped
from go_kernel.health.project.looked import Looked, of_modules
from go_kernel.project.force import InForce
from go_kernel.project.goversion import is_newer, order


@of_modules
def look(looked: Looked) -> Answer:
    """Say why it counts, and what of it Go will stumble over."""
    found = looked.force
    if found.gowork is None:
        said = looked.said.get("GOWORK")
        if said is not None and said.value == "off" and (ignored := _above(found.folder)):
            return info(
                f"{ignored} doesn't count, as GOWORK=off is set by {said.by}.",
                said.taken_back(looked.context),
                evidence=said.shown,
            )
        return skipped("No go.work is in force.")
    wrong = list(_wrong(looked, found, found.gowork))
    return wrong or ok(
        f"{found.gowork} is in force: {_why(looked)}.",
        "\n".join(f"use {one.folder}: {one.path}" for one in found.modules),
    )


def _wrong(looked: Looked, found: InForce, work: Path) -> Iterator[Finding]:
    for folder in found.missing:
        yield error(
            f"{work} uses {folder}, where no go.mod is: Go loads nothing.",
            Remedy("Take it out", (_edit(looked, work, f"-dropuse={_relative(folder, work)}"),)),
            evidence=f"use {_relative(folder, work)}",
        )
    yield from _twice(looked, found, work)
    yield from _old(looked, found, work)
    own = found.own
    if own is not None and not found.is_own_used and not found.missing:
        yield error(
            f"{work} is in force, and doesn't use {own.folder}: Go finds none of its packages.",
            Remedy(
                "Add it, or run Go with GOWORK=off there",
                (looked.command("work", "use", str(own.folder), folder=work.parent),),
            ),
            evidence=f"{_why(looked)}\nmodule {own.path}",
        )
    if found.mod == "mod":
        flags = looked.said["GOFLAGS"]
        yield error(
            f"GOFLAGS says -mod=mod, set by {flags.by}, which Go refuses where a go.work is in "
            "force.",
            flags.taken_back(looked.context),
            evidence="\n".join([*flags.lines(), f"GOWORK={work}"]),
        )


def _twice(looked: Looked, found: InForce, work: Path) -> Iterator[Finding]:
    counts = Counter(one.path for one in found.modules)
    for path, count in counts.items():
        if count > 1:
            folders = [one.folder for one in found.modules if one.path == path]
            drop = _edit(looked, work, f"-dropuse={_relative(folders[-1], work)}")
            yield error(
                f"{work} uses {count} folders with the module {path}: Go takes none of them.",
                Remedy("Take all but one out", (drop,)),
                evidence="\n".join(map(str, folders)),
            )


def _old(looked: Looked, found: InForce, work: Path) -> Iterator[Finding]:
    """A workspace must ask for at least the Go that each of its modules asks for."""
    asked = {one.folder: str(one.content.get("Go") or "") for one in found.modules}
    newest = max(asked.values(), key=order, default="")
    own = found.go_line or "1.18"
    if newest and is_newer(newest, own):
        folder = next(folder for folder, line in asked.items() if line == newest)
        yield error(
            f"{work} says go {own}, and {folder} needs go {newest}: Go loads nothing.",
            Remedy("Raise its go line", (looked.command("work", "use", folder=work.parent),)),
            evidence="\n".join(f"{folder}: go {line}" for folder, line in asked.items()),
        )


def _why(looked: Looked) -> str:
    said = looked.said.get("GOWORK")
    if said is not None and said.value != "auto":
        return f"GOWORK names it, set by {said.by}"
    return f"it is the next one at or above {looked.force.folder}"


def _edit(looked: Looked, work: Path, *flags: str) -> str:
    return looked.command("work", "edit", *flags, folder=work.parent)


def _relative(folder: Path, work: Path) -> str:
    relative = os.path.relpath(folder, work.parent)
    return relative if relative.startswith("..") else f"./{relative}"


def _above(folder: Path) -> Path | None:
    """The go.work that would count if nobody said otherwise."""
    found = (place / "go.work" for place in (folder, *folder.parents))
    return next((file for file in found if file.is_file()), None)
