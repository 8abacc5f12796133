"""Imports that kernels compiled, kept for later kernels of the same build.

A plugin can only be loaded into the program that it was compiled for, so each build has
a plugin store of its own, named by the same key.  Kernels write them; here it is said
where they are, and they are removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from go_kernel.engines import keys
from go_kernel.engines.store import Build, Stores, remove
from go_kernel.files import foreign_writer, is_folder

# In the store of engines; no build's name begins with a dot.
FOLDER = ".plugins"
VARIABLE = "GOKERNEL_PLUGINS"


@dataclass(frozen=True)
class PluginStore:
    """The plugins of one build; `size` in bytes."""

    key: str
    folder: Path
    size: int


def variables(stores: Stores, build: Build) -> dict[str, str]:
    """What tells a kernel of `build` where plugins are kept; nothing where they can't be.

    The last folder is the user's own, which the kernel makes and writes; those of the
    site are only read.
    """
    if not build.manifest.cgo or (is_folder(stores.user) and foreign_writer(stores.user)):
        return {}
    site = [store / FOLDER / build.key for store in stores.site]
    folders = [*filter(is_folder, site), stores.user / FOLDER / build.key]
    if any(os.pathsep in str(folder) for folder in folders):
        return {}
    return {VARIABLE: os.pathsep.join(map(str, folders))}


def unused(stores: Stores, keep: set[str]) -> list[PluginStore]:
    """The user's plugin stores of builds that are neither in `keep` nor the site's."""
    site = {build.key for build in stores.builds() if build.folder.parent != stores.user}
    return [one for one in kept(stores) if one.key not in keep | site]


def kept(stores: Stores) -> list[PluginStore]:
    """All plugin stores of the user."""
    base = stores.user / FOLDER
    with suppress(OSError):
        return [
            PluginStore(folder.name, folder, sum(_sizes(folder)))
            for folder in sorted(base.iterdir())
            if keys.KEY.fullmatch(folder.name)
        ]
    return []


def prune(plugin_stores: list[PluginStore]) -> None:
    """Remove them, as far as it goes.  A kernel that runs keeps what it has loaded."""
    for one in plugin_stores:
        remove(one.folder)


def _sizes(folder: Path) -> Iterator[int]:
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # a kernel may remove one at any time
                yield Path(path, name).lstat().st_size
