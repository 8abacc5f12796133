"""GOPATH, GOMODCACHE and GOCACHE: usable, private, near, and with room in them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from go_kernel.files import exists, is_folder, nearest_existing, writable
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.health.check import Answer, Check, error, info, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.static import mounts
from go_kernel.health.static.looks import noticed, of_variables
from go_kernel.health.words import listed
from go_kernel.places import TEMPLATED

# What a build of an engine needs when nothing is in the caches yet, and what is wanted so
# that a few imports fit beside it.
NEEDED_BYTES, WANTED_BYTES = 200_000_000, 1_000_000_000
NEEDED_FILES, WANTED_FILES = 5_000, 20_000


def _folders(context: Context) -> dict[str, Path]:
    """The folder of each variable; of GOPATH's list the first, where Go puts things."""
    environment = context.resolved.environment
    values = {name: environment.get(name) for name in TEMPLATED}
    values["GOPATH"] = values["GOPATH"].split(os.pathsep)[0]
    return {name: Path(value) for name, value in values.items() if value.startswith("/")}


def _usable(context: Context) -> Answer:
    """Not `of_variables`: here it is said why the variables can't be settled."""
    found = noticed(context, "places.replaced", "places.unusable", "places.unfit")
    unusable = [one for one in found if one.status is Status.ERROR]
    if unusable and not context.resolved.environment.get("HOME").startswith("/"):
        return error(
            "HOME is not set, and so there is no place for Go's folders.",
            Remedy("Set HOME to a folder of yours."),
            evidence="\n".join(one.summary for one in found),
        )
    folders = _folders(context)
    missing = [f"{name} ({path})" for name, path in folders.items() if not exists(path)]
    if missing and not any(one.status is Status.ERROR for one in found):
        text = f"{listed(missing)} {'do' if missing[1:] else 'does'} not exist yet."
        remedy = Remedy(
            "They are made when they are needed; the fix makes them now, for you alone."
        )
        found.append(info(text, remedy, fix="places.make"))
    found += _temporary(context.resolved.environment.get("GOTMPDIR"))
    seen = "\n".join(f"{name}={path}" for name, path in folders.items())
    return found or ok("Go can use GOPATH, GOMODCACHE and GOCACHE.", seen)


def _temporary(place: str) -> Iterator[Finding]:
    """Where somebody set GOTMPDIR, Go neither makes that folder nor goes on without it."""
    folder = Path(place)
    if not place:
        return
    if not folder.is_absolute():
        yield warn(
            f"GOTMPDIR={place} is no absolute path: it depends on a notebook's folder where it is.",
            Remedy("Set GOTMPDIR to a folder of yours, or leave it unset."),
        )
    elif not is_folder(folder) or not writable(folder):
        problem = "can't be written" if is_folder(folder) else "is no folder that is there"
        yield error(
            f"GOTMPDIR={place} {problem}: Go can't build anything.",
            Remedy("Make it a folder that you can write, or leave GOTMPDIR unset."),
        )


USABLE = Check(
    "places.usable",
    "Go's folders can be used",
    _usable,
    broken_by="A folder of Go is relative, none, not writable, or given by a site and not yours.",
    mended_by="Set the variable to a folder of yours, or leave it unset; ask who gave it.",
    fixes=("places.make",),
)


@of_variables
def _private(context: Context) -> Answer:
    return noticed(context, "places.shared-writable") or ok(
        "Nobody else may write GOPATH, GOMODCACHE and GOCACHE."
    )


PRIVATE = Check(
    "places.private",
    "Nobody else may write Go's folders",
    _private,
    broken_by="GOPATH, GOMODCACHE or GOCACHE is writable by a group or by everybody.",
    mended_by="Take that right away (`chmod go-w`), or use a folder of your own.",
)


@of_variables
def _local(context: Context) -> Answer:
    try:
        mounted = mounts.read(context.around.mounts)
    except OSError:
        return skipped("This system has no list of what is mounted.")
    found = [*_far(_folders(context), mounted)]
    return found or ok("GOPATH, GOMODCACHE and GOCACHE are on disks of this machine.")


def _far(folders: dict[str, Path], mounted: list[mounts.Mount]) -> Iterator[Finding]:
    for name, path in folders.items():
        mount = mounts.holding(os.path.realpath(path), mounted)
        if mount is None or not mount.is_network:
            continue
        seen = f"{mount.folder}: {mount.kind} from {mount.source}"
        text = f"{name}={path} is on a network file system ({mount.kind})"
        if name == "GOCACHE":
            yield warn(
                f"{text}: builds are slow there, and its locks may not hold.",
                Remedy("Set GOCACHE to a folder on a disk of this machine."),
                evidence=seen,
            )
        else:
            remedy = Remedy("Nothing is to be done, unless imports are slow.")
            yield info(f"{text}.", remedy, evidence=seen)


LOCAL = Check(
    "places.local",
    "Go's folders are not on a network",
    _local,
    broken_by="GOCACHE (or GOPATH, GOMODCACHE) lies on NFS, SMB, SSHFS or the like.",
    mended_by="Set GOCACHE to a folder on a disk of the machine.",
)


@dataclass(frozen=True)
class Room:
    """What is free: bytes, and files that could be made (None where that has no limit)."""

    size: int
    files: int | None

    def below(self, size: int, files: int) -> bool:
        """Whether that is less than this."""
        return self.size < size or (self.files is not None and self.files < files)

    def lacking(self) -> str:
        """What there is too little of."""
        bytes_are_fewer = self.size < NEEDED_BYTES or not self.below(0, NEEDED_FILES)
        if self.files is None or (self.size < WANTED_BYTES and bytes_are_fewer):
            return f"{Room(self.size, None)} are free"
        return f"{self.files} more files can be made"

    def __str__(self) -> str:
        """As people read it."""
        size = f"{self.size / 1e9:.1f} GB" if self.size >= 1e9 else f"{self.size // 10**6} MB"
        return size if self.files is None else f"{size} and {self.files} files"


def room_at(folder: Path) -> Room:
    """What this user may still use there; raises OSError."""
    found = os.statvfs(folder)
    return Room(found.f_bavail * found.f_frsize, found.f_favail if found.f_files else None)


@of_variables
def _space(context: Context) -> Answer:
    folders = [*_folders(context).values(), context.around.stores.user, context.around.scratch]
    # One answer for each file system, about the first folder that lies in it.
    places: dict[int, Path] = {}
    for folder in map(nearest_existing, folders):
        if os.access(folder, os.W_OK):  # what is only read needs no room
            places.setdefault(folder.stat().st_dev, folder)
    return [_judged(context, folder, room_at(folder)) for folder in places.values()]


def _emptying(context: Context, folder: Path) -> tuple[str, ...]:
    """What empties those of Go's caches that hold something there."""
    go, folders = str(context.toolchain.go), _folders(context)
    return tuple(
        shlex.join([go, "clean", option])
        for name, option in (("GOCACHE", "-cache"), ("GOMODCACHE", "-modcache"))
        if name in folders and _holds(folders[name], folder.stat().st_dev)
    )


def _holds(cache: Path, device: int) -> bool:
    try:
        return cache.stat().st_dev == device and any(cache.iterdir())
    except OSError:
        return False


def _judged(context: Context, folder: Path, room: Room) -> Finding:
    if room.below(WANTED_BYTES, WANTED_FILES):
        too_little = room.below(NEEDED_BYTES, NEEDED_FILES)
        say = error if too_little else warn
        commands = _emptying(context, folder)
        also = f", or empty Go's {'caches' if commands[1:] else 'cache'}" if commands else "."
        return say(
            f"Only {room.lacking()} in {folder}: "
            f"{'builds fail' if too_little else 'that is soon too little'}.",
            Remedy(f"Make room there{also}", commands),
        )
    return ok(f"{room} are free in {folder}.")


SPACE = Check(
    "places.space",
    "There is room to build",
    _space,
    broken_by="The disk with Go's folders, the engines or scratch folders is nearly full.",
    mended_by="Make room, for example with `go clean -cache`.",
)
