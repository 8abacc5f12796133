"""Whether a bundle is whole: every file of it looked at, every fault named."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from go_kernel.offline import gohash, paths
from go_kernel.offline import manifest as manifests
from go_kernel.offline.archive import Archive, Limits
from go_kernel.offline.errors import BadBundle, NotABundle
from go_kernel.offline.manifest import File, Manifest, Module
from go_kernel.offline.progress import Counted, Progress, silent

_CHUNK = 1 << 20
# A zip of an archive is looked at from its end: up to this size in memory.
_IN_MEMORY = 32 << 20


@dataclass(frozen=True)
class Problem:
    """A fault of one file; `path` is its name in the bundle, "" where it is the whole.

    `kind` is `truncated`, `altered`, `missing`, `extra`, `hash` (Go's own doesn't fit)
    or `unsafe` (what no bundle may hold); `detail` is a sentence's rest.
    """

    path: str
    kind: str
    detail: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return vars(self).copy()

    def __str__(self) -> str:
        """`proxy/…/v1.0.0.zip: altered (its SHA-256 is …)`."""
        return f"{self.path or 'the bundle'}: {self.kind} ({self.detail})"


@dataclass
class Checked:
    """What looking at a bundle gave: its manifest (None where it can't be read), its problems."""

    manifest: Manifest | None
    problems: list[Problem] = field(default_factory=list)


def problems(place: Path, progress: Progress = silent) -> list[Problem]:
    """Everything that is wrong with the bundle at `place`: an archive, or a folder.

    Raises NotABundle where there is none, and BundleTooNew.
    """
    return check(place, progress).problems


def check(place: Path, progress: Progress = silent) -> Checked:
    """As `problems`, with the manifest."""
    return _folder(place, progress) if place.is_dir() else _archive(place, progress)


def _folder(place: Path, progress: Progress) -> Checked:
    try:
        manifest = manifests.read(place)
    except NotABundle:
        raise
    except BadBundle as error:
        return Checked(None, [_problem(error)])
    checked = Checked(manifest)
    counted = Counted("verifying", manifest.size, progress)
    sums = _sums(manifest)
    for file in sorted(manifest.files, key=lambda one: one.path):
        checked.problems += _on_disk(place, file, sums, counted)
    for path, kind in _entries(place):
        if kind != "file":
            checked.problems.append(Problem(path, "unsafe", f"it is {kind}"))
        elif path not in manifest.by_path and path not in {paths.MANIFEST, *paths.OF_STORE}:
            checked.problems.append(Problem(path, "extra", "the manifest doesn't name it"))
    return checked


def _on_disk(
    place: Path, file: File, sums: Mapping[str, Module], counted: Counted
) -> Iterator[Problem]:
    try:
        descriptor = os.open(place / file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        yield Problem(file.path, "missing", "it isn't there")
        return
    except OSError as error:
        yield Problem(file.path, "unsafe", error.strerror or str(error))
        return
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            yield Problem(file.path, "unsafe", "it is no plain file")
            return
        digest, size = hashlib.sha256(), 0
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            counted.add(len(chunk))
        found = [*_compared(file, size, digest.hexdigest(), bool(status.st_mode & 0o100))]
        stream.seek(0)
        yield from found or _by_go(file, stream, sums)


def _archive(place: Path, progress: Progress) -> Checked:
    try:
        stream = place.open("rb")
    except OSError as error:
        raise NotABundle(place, f"it can't be read ({error.strerror or error})") from error
    with closing(stream):
        try:
            archive = Archive(stream, Limits(), place)
        except NotABundle:
            raise
        except BadBundle as error:
            return Checked(None, [_problem(error)])
        checked = Checked(archive.manifest)
        left = dict(archive.manifest.by_path)
        try:
            _stream(archive, left, checked, progress)
        except BadBundle as error:
            checked.problems.append(_problem(error))
            left.pop(error.path, None)
    rest = [Problem(path, "missing", "it isn't there") for path in sorted(left)]
    checked.problems += rest
    return checked


def _stream(archive: Archive, left: dict[str, File], checked: Checked, progress: Progress) -> None:
    sums = _sums(archive.manifest)
    counted = Counted("verifying", archive.manifest.size, progress)
    for content in archive.files():
        path = content.entry.path
        file = left.pop(path, None)
        if file is None:
            known = path in archive.manifest.by_path
            detail = "it comes twice" if known else "the manifest doesn't name it"
            checked.problems.append(Problem(path, "extra", detail))
            continue
        digest, size = hashlib.sha256(), 0
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
            while chunk := content.read():
                digest.update(chunk)
                size += len(chunk)
                counted.add(len(chunk))
                if path in sums:
                    kept.write(chunk)
            found = [*_compared(file, size, digest.hexdigest(), content.entry.executable)]
            kept.seek(0)
            checked.problems += found or _by_go(file, kept, sums)


def _compared(file: File, size: int, sha256: str, executable: bool) -> Iterator[Problem]:
    if size < file.size:
        yield Problem(file.path, "truncated", f"{size} bytes of {file.size}")
    elif size > file.size:
        yield Problem(file.path, "altered", f"{size} bytes instead of {file.size}")
    elif sha256 != file.sha256:
        yield Problem(file.path, "altered", f"its SHA-256 is {sha256}, not {file.sha256}")
    elif executable != file.executable:
        yield Problem(
            file.path, "altered", "it is executable" if executable else "it is no program"
        )


def _by_go(file: File, stream: IO[bytes], sums: Mapping[str, Module]) -> Iterator[Problem]:
    module = sums.get(file.path)
    if module is None:
        return
    try:
        if file.path.endswith(".zip"):
            found, expected = gohash.of_zip(stream), module.sum
        else:
            found, expected = gohash.of_go_mod(stream.read()), module.go_mod_sum
    except ValueError as error:
        yield Problem(file.path, "hash", str(error))
        return
    if found != expected:
        yield Problem(file.path, "hash", f"Go's own is {found}, not {expected or 'known'}")


def _sums(manifest: Manifest) -> dict[str, Module]:
    """Which files Go has hashes for, and the modules with these."""
    found = {}
    for module in manifest.modules:
        found[paths.file_of(module.path, module.version, "mod")] = module
        if module.sum:
            found[paths.file_of(module.path, module.version, "zip")] = module
    return found


def _entries(folder: Path, under: str = "") -> Iterator[tuple[str, str]]:
    """What is in a folder but folders: its name, and `file` or what else it is."""
    with os.scandir(folder / under) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            path = f"{under}/{entry.name}" if under else entry.name
            if entry.is_symlink():
                yield path, "a symbolic link"
            elif entry.is_dir():
                yield from _entries(folder, path)
            else:
                yield path, "file" if entry.is_file() else "no plain file"


def _problem(error: BadBundle) -> Problem:
    kind = "truncated" if "truncated" in error.reason else "altered"
    return Problem(error.path, kind, error.reason)
