"""Does a manifest fit itself: modules and toolchains have their files, files are of something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from go_kernel.offline import paths
from go_kernel.offline.parts import File, Module, Toolchain


def faults(
    files: Mapping[str, File], modules: Iterable[Module], toolchains: Iterable[Toolchain]
) -> Iterator[tuple[str, str]]:
    """What doesn't fit: a file's name, and half a sentence about it."""
    yield from _clashes(files)
    if paths.SUMS not in files:
        yield paths.SUMS, "its manifest doesn't name it"
    known = set(_of_modules(modules))
    platforms = {one.platform for one in toolchains}
    for path in files:
        if path.startswith(f"{paths.PROXY}/") and path not in known:
            yield path, "it is of no module that its manifest lists"
        if path.startswith(f"{paths.TOOLCHAIN}/") and path.split("/")[1] not in platforms:
            yield path, "it is of no toolchain that its manifest lists"
    yield from _missing(files, modules)
    for one in toolchains:
        yield from _toolchain(files, one)


def _of_modules(modules: Iterable[Module]) -> Iterator[str]:
    """The names of all files that these modules may have."""
    for one in modules:
        yield paths.list_of(one.path)
        yield paths.latest_of(one.path)
        for kind in ("info", "mod", "zip") if one.sum else ("info", "mod"):
            yield paths.file_of(one.path, one.version, kind)


def _missing(files: Mapping[str, File], modules: Iterable[Module]) -> Iterator[tuple[str, str]]:
    for one in modules:
        for kind in ("mod", "zip") if one.sum else ("mod",):
            if (path := paths.file_of(one.path, one.version, kind)) not in files:
                yield path, "its manifest lists the module and not the file"


def _toolchain(files: Mapping[str, File], toolchain: Toolchain) -> Iterator[tuple[str, str]]:
    path = f"{paths.goroot_of(toolchain.platform)}/bin/go"
    if toolchain.platform.startswith("windows-"):
        path += ".exe"
    go = files.get(path)
    if go is None:
        yield path, "its manifest lists the toolchain and not its go"
    elif go.sha256 != toolchain.go_sha256:
        yield path, "it is not the go that its manifest lists"


def _clashes(files: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names that would be one file, or a file and a folder, on some disk."""
    spelled: dict[str, str] = {}
    folders: set[str] = set()
    names = list(files)
    for path in names:
        folder = path
        while (folder := folder.rpartition("/")[0]) and folder not in folders:
            folders.add(folder)
    for path in (*sorted(folders), *names):
        other = spelled.setdefault(paths.folded(path), path)
        if other != path:
            yield path, f"it is the same as {other} on a disk that knows no case"
    for path in names:
        if path in folders:
            yield path, "it is a file and a folder"
