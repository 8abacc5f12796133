"""The person's own module cache as a module proxy: what is there isn't downloaded again.

A module cache is laid out as a proxy is, but its lists of versions tell what happens to be
there, and not what there is.  So Go gets a folder of links to its versions alone: asked
for a list or for the newest version, it answers "not found", and Go goes on to the real
proxy.  What comes from it is verified as everything else is.
ref: https://go.dev/ref/mod#module-cache
"""

from __future__ import annotations

import os
from pathlib import Path

from go_kernel.files import is_folder, writable
from go_kernel.offline.paths import unescaped
from go_kernel.offline.versions import is_exact

_KINDS = (".info", ".mod", ".zip")


def make(cache: Path, folder: Path) -> None:
    """Fill the empty `folder` with links to the versions in the module cache `cache`.

    What can't be read is passed over.  Raises OSError where `folder` can't be written.
    """
    downloads = cache / "cache" / "download"
    folder.mkdir(parents=True, exist_ok=True)
    for place, folders, files in os.walk(downloads):
        folders[:] = [one for one in folders if not (place == str(downloads) and one == "sumdb")]
        if place.endswith(f"{os.sep}@v"):
            _link(Path(place), folder / os.path.relpath(place, downloads), files)


def share(cache: Path, private: Path) -> None:
    """Let a private module cache use what the person's own knows besides modules.

    That is the checksum database's answers, and clones of repositories; Go itself checks
    both, and keeps them up to date.  Where they can't be written they are left alone.
    """
    for part in ("cache/download/sumdb", "cache/vcs"):
        own, link = cache / part, private / part
        if is_folder(own) and writable(own):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(own)


def _link(place: Path, target: Path, files: list[str]) -> None:
    wanted = [name for name in files if _is_version(name)]
    if wanted:
        target.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        (target / name).symlink_to(place / name)


def _is_version(name: str) -> bool:
    stem, dot, kind = name.rpartition(".")
    return dot + kind in _KINDS and is_exact(unescaped(stem))
