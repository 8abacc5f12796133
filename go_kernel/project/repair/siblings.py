"""What a workspace gives to one of its modules, for as long as that one is tidied alone.

The modules of a go.work need not be published, nor even be required by each other: `go mod
tidy`, which knows no workspace, would ask a proxy for them.  So they are replaced by their
folders in the copy of go.mod, and nothing of that stays in it.
ref: https://go.dev/ref/mod#workspaces
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel.files import exists
from go_kernel.project.force import InForce, Module


@dataclass(frozen=True)
class Lent:
    """A replacement: the module's path, it with its version, what `-replace` makes of it, and
    whether it is another module of the workspace.
    """

    path: str
    old: str
    new: str
    is_used: bool


def lent(found: InForce, module: Module, dropped: Collection[str]) -> tuple[Lent, ...]:
    """What the workspace has for this module; nothing for what it replaces itself.

    `dropped` are those of its own replacements that are taken out.
    """
    if found.gowork is None:
        return ()
    own = {one["Old"]["Path"] for one in replaces(module.content) if spoken(one) not in dropped}
    every = (*_used(found, module), *_replaced(found, module, found.gowork.parent))
    return tuple(one for one in every if one.path not in own)


def _used(found: InForce, module: Module) -> Iterator[Lent]:
    for one in found.modules:
        if one.path not in ("", module.path):
            yield Lent(one.path, one.path, seen_from(module.folder, one.folder), True)


def _replaced(found: InForce, module: Module, root: Path) -> Iterator[Lent]:
    """The replacements of go.work itself."""
    used = {one.path for one in found.modules}
    for one in replaces(found.work):
        path, new = one["Old"]["Path"], one["New"]
        if path in used:
            continue
        if version := new.get("Version"):
            yield Lent(path, spoken(one), f"{new['Path']}@{version}", False)
        elif exists(root / new["Path"] / "go.mod"):
            folder = Path(os.path.normpath(root / new["Path"]))
            yield Lent(path, spoken(one), seen_from(module.folder, folder), False)


def with_old_sums(sums: str, old: str, given: Collection[Lent]) -> str:
    """A new go.sum, and what the old one says of modules that were asked in their folders."""
    paths = {one.path for one in given}
    kept = [line for line in old.splitlines(True) if line.partition(" ")[0] in paths]
    here = sums.splitlines(True)
    every = [*here, *(line for line in kept if line not in here)]
    return "".join(sorted(every, key=lambda line: line.partition(" ")[0]))


def replaces(content: Mapping[str, Any]) -> list[dict[str, dict[str, str]]]:
    """The replace lines of a go.mod or go.work, as Go's JSON has them."""
    return list(content.get("Replace") or ())


def spoken(one: dict[str, dict[str, str]]) -> str:
    """What a line replaces, as `-dropreplace` wants it."""
    old = one["Old"]
    return f"{old['Path']}@{old['Version']}" if old.get("Version") else old["Path"]


def seen_from(folder: Path, other: Path) -> str:
    """A path to another folder, as go.mod and go.work have it."""
    relative = os.path.relpath(other, folder)
    return relative if relative.startswith("..") else f"./{relative}"
