"""What is at the end of a replace that leads to a folder."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel.files import exists, foreign_writer, is_folder, is_forbidden
from go_kernel.project.scan.model import Declared, Place, Replace, Unread
from go_kernel.ways import leads_astray, way_to


@dataclass(frozen=True)
class Target:
    """The folder; its go.mod as it was read, an Unread, or None where there is none.

    `absent` says why there is no folder, "" where there is one.  `links` are those on the
    way, of which a project that a scan finds has none on its own.
    """

    folder: Path
    absent: str
    mod: Declared | Unread | None
    links: tuple[Path, ...] = ()
    open_to: str = ""

    @property
    def declared(self) -> Declared | None:
        """Its go.mod where it could be read."""
        return self.mod if isinstance(self.mod, Declared) else None


def folder_of(file: Declared, replace: Replace) -> Path:
    """Where a replace leads."""
    return file.joined(replace.by)


def look(
    file: Declared, replace: Replace, read: Mapping[Path, Mapping[str, object] | Unread]
) -> Target:
    """Look at the folder; `read` is what its go.mod was read as, which is missing for none."""
    folder = folder_of(file, replace)
    if absent := _absent(folder):
        return Target(folder, absent, None)
    gomod = folder / "go.mod"
    content = read.get(gomod)
    mod = (
        Declared(Place(gomod, file.place.root), content)
        if content is not None and not isinstance(content, Unread)
        else content
    )
    return Target(folder, "", mod, _links(folder), _open_to(file, folder))


def _absent(folder: Path) -> str:
    if is_folder(folder):
        return ""
    if "\0" in str(folder):
        return "can be no path"
    if is_forbidden(folder):
        return "may not be looked at by you"
    try:
        folder.lstat()
    except (OSError, ValueError):
        return "is not there"
    return "is a link to nothing" if folder.is_symlink() else "is no folder"


def _links(folder: Path) -> tuple[Path, ...]:
    try:
        return tuple(step for step, status in way_to(folder) if stat.S_ISLNK(status.st_mode))
    except OSError:
        return ()


def _open_to(file: Declared, folder: Path) -> str:
    """Who else could put other sources there: half a sentence; "" for nobody.

    Whoever the project belongs to may: they write its own sources as well.
    """
    try:
        owner = file.file.stat().st_uid
    except OSError:
        return ""
    for path in (folder, folder / "go.mod"):
        if exists(path) and (why := foreign_writer(path, owner=owner)):
            return f"{path} {why}"
    if leads_astray(file.folder):
        return ""
    astray = leads_astray(folder)
    return f"{astray[0]} {astray[1]}" if astray else ""
