"""Makes a bundle: gathered in a private folder, packed beside its place, renamed into it.

    wanted ─► resolving ─► gather ─► between ─► layout ─► (toolchain) ─► manifest ─► pack

What a killed run leaves, here or beside the output, is locked by nobody any more and goes
with the next run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from go_kernel import scratch
from go_kernel._version import __version__
from go_kernel.files import exists, is_folder
from go_kernel.folders import cache_folder
from go_kernel.offline import (
    between,
    gather,
    layout,
    notebooks,
    paths,
    projects,
    resolving,
    toolchain,
    versions,
    wanted,
)
from go_kernel.offline.asking import Asking
from go_kernel.offline.errors import BadBundle, BundleUnwritable
from go_kernel.offline.gather import Extra
from go_kernel.offline.manifest import Engine, File, Manifest
from go_kernel.offline.manifest import Project as Listed
from go_kernel.offline.manifest import read as read_manifest
from go_kernel.offline.pack import describe, pack
from go_kernel.offline.progress import Counted, Progress, silent
from go_kernel.offline.projects import Project
from go_kernel.offline.toolchain import Goroot
from go_kernel.offline.unmade import BadWish, NotGathered, OutputExists
from go_kernel.offline.wanted import Query, Wanted
from go_kernel.printable import printable
from go_kernel.toolchain import Toolchain

_WORK = "making-"
# Of whatever name the output is: the next one in that folder sweeps it.
_BESIDE = ".bundle.making-"
# How often newer versions of what was asked for may turn up among what it needs.
_ROUNDS = 5


@dataclass(frozen=True)
class Output:
    """Where the bundle goes: an archive, or a folder; `force` replaces what is there."""

    path: Path
    folder: bool = False
    force: bool = False

    def check(self) -> None:
        """Raise BadWish and OutputExists where it can't go there."""
        if not is_folder(self.path.parent):
            raise BadWish(str(self.path.parent), "is no folder", "Make it, or name another one.")
        if not os.path.lexists(self.path):
            return
        if not self.force:
            raise OutputExists(self.path)
        # A device, a pipe, or a link is not what a bundle could take the place of.
        fits = _is_bundle(self.path) if self.folder else _is_plain(self.path)
        if not fits:
            raise OutputExists(self.path, foreign=True)


@dataclass(frozen=True)
class Created:
    """A bundle that was made; `size` in bytes.

    `sha256` is the archive's, or that of a folder's manifest.json: what `bundle use` takes.
    """

    path: Path
    manifest: Manifest
    size: int
    sha256: str
    notes: tuple[str, ...] = ()


def create(
    want: Wanted,
    goroots: Sequence[Goroot],
    output: Output,
    asking: Asking,
) -> Created:
    """Gather what is wanted with `asking`, and write the bundle.

    Raises BundleError, and then nothing has changed where it should have gone.
    """
    output.check()
    with _beside(output.path) as part:
        stage = asking.place / "bundle"
        stage.mkdir()
        try:
            manifest = _staged(want, goroots, asking, stage)
        except OSError as error:
            raise _unwritable(asking.place, error) from error
        size, sha256 = _written(stage, manifest, output, part, asking.progress)
    return Created(output.path, manifest, size, sha256, tuple(asking.notes))


@contextmanager
def workplace(env: Mapping[str, str]) -> Iterator[Path]:
    """An empty folder for an Asking, gone afterwards; raises BundleUnwritable."""
    base = cache_folder(env) / "bundling"
    with _swept(base, _WORK) as folder:
        yield folder


def asking_in(
    place: Path, chain: Toolchain, given: Mapping[str, str], progress: Progress = silent
) -> Asking:
    """A Go that gathers in `place`; raises BundleUnwritable."""
    try:
        return Asking(chain, given, place, progress)
    except OSError as error:
        raise _unwritable(place, error) from error


@contextmanager
def _swept(base: Path, prefix: str) -> Iterator[Path]:
    scratch.sweep(base, prefix)
    try:
        own = scratch.make(base, prefix=prefix)
    except scratch.NoScratch as error:
        cause = error.__cause__
        raise BundleUnwritable(base, getattr(cause, "strerror", None) or str(cause)) from error
    try:
        yield own.folder
    finally:
        own.release()


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder on the disk that the bundle goes to."""
    with _swept(out.parent, _BESIDE) as folder:
        yield folder


def _staged(want: Wanted, goroots: Sequence[Goroot], asking: Asking, stage: Path) -> Manifest:
    """Gather everything into the folder `stage`; gives its manifest."""
    # What takes no time comes first: a mistake is told before anything is downloaded.
    found = [projects.find(asking, folder) for folder in dict.fromkeys(want.projects)]
    for engine in want.engines:
        gather.engine(asking, engine)
    extras = _extras(want, asking, found)
    for project in found:
        gather.project(asking, project, extras)
    extras = _complete(asking, extras, found)
    gather.infos(asking)
    asking.progress("Putting it together")
    modules = layout.move(asking.downloads, stage)
    names = [name for goroot in goroots for name in toolchain.place(goroot, stage)]
    names += layout.names(stage)
    own = {(one.path, one.sums_digest) for project in found for one in project.modules}
    return Manifest(
        made_by=f"jupyter-gokernel {__version__}",
        go_version=asking.toolchain.version,
        name=want.name,
        files=_described(stage, sorted(names), asking.progress),
        modules=modules,
        engines=tuple(Engine(one.name, wanted.pins_of(one)) for one in want.engines),
        projects=tuple(Listed(path, digest) for path, digest in own),
        extras=tuple({str(one) for one in extras}),
        toolchains=tuple(goroot.described() for goroot in goroots),
    )


def _extras(want: Wanted, asking: Asking, found: Sequence[Project]) -> list[Extra]:
    """Each module that was asked for, by notebooks too, once, and all of them together."""
    asked = [_extra(asking, query) for query in dict.fromkeys(want.modules)]
    asked += [extra for project in found for extra in _pinned(asking, project)]
    extras = [*dict.fromkeys(asked)]
    if len(extras) > 1:
        gather.together(asking, extras)
    return extras


def _pinned(asking: Asking, project: Project) -> Iterator[Extra]:
    """What notebooks ask for by `%get`; a typo in one is told, and keeps no bundle back."""
    found = notebooks.read(project.folders)
    for file in found.unread:
        shown = printable(os.path.relpath(file, project.folder))
        asking.notes.append(f"{shown} can't be read as a notebook, and so not what it imports.")
    for said in sorted(found.gets):
        if said.partition("@")[0] in project.replaced:
            continue
        try:
            yield _extra(asking, wanted.query(said))
        except NotGathered as error:
            if not error.cause.absent and error.cause.kind not in ("unknown", "go-too-old"):
                raise
            asking.notes.append(
                f"A notebook asks for {said}, which isn't there: {error.cause.reason}."
            )
        except BadWish as error:
            asking.notes.append(f"A notebook asks for something else than a module: {error}")


def _extra(asking: Asking, query: Query) -> Extra:
    path, version = resolving.resolve(asking, query)
    try:
        return gather.module(asking, path, version)
    except NotGathered as error:
        if query.version != "latest" or error.cause.kind != "go-too-old":
            raise
        older = resolving.fitting(asking, path, version)
        if not older:
            raise
        # It is there already, and would be the newest one.
        layout.forget(asking.downloads, path, version)
        return gather.module(asking, path, older)


def _complete(asking: Asking, extras: list[Extra], found: Sequence[Project]) -> list[Extra]:
    """What any part of all this needs; gives also the newest versions of what was asked for.

    Where another module needs a newer one than was asked for, an import that names no
    version takes that one, and it has to be as complete.
    """
    for _ in range(_ROUNDS):
        between.complete(asking, [(one.path, one.version) for one in extras], found)
        more = _newer(asking, extras)
        if not more:
            break
        extras = [*extras, *(gather.module(asking, path, version) for path, version in more)]
        gather.together(asking, extras)
    return extras


def _newer(asking: Asking, extras: Iterable[Extra]) -> list[tuple[str, str]]:
    known = {(one.path, one.version) for one in extras}
    there: dict[str, list[str]] = {}
    for one in layout.fetched(asking.downloads):
        if one.whole:
            there.setdefault(one.path, []).append(one.version)
    return sorted({(path, versions.newest(there[path])) for path, _ in known} - known)


def _described(stage: Path, names: Sequence[str], progress: Progress) -> tuple[File, ...]:
    for name in names:
        if not paths.is_allowed(name):
            raise NotGathered(f"The file {name!a}", "its name can't be carried to every system")
    total = sum((stage / name).stat().st_size for name in names)
    counted = Counted("hashing", total, progress)
    found = []
    for name in names:
        found.append(describe(stage, name))
        counted.add(found[-1].size)
    return tuple(found)


def _written(
    stage: Path, manifest: Manifest, output: Output, part: Path, progress: Progress
) -> tuple[int, str]:
    """Write the bundle beside its place and rename it; gives size and SHA-256."""
    try:
        if output.folder:
            _copy(stage, manifest, part / "bundle", progress)
            _replace_folder(part, output.path)
            return manifest.size, hashlib.sha256(manifest.to_bytes()).hexdigest()
        packed = pack(stage, manifest, part / "bundle", progress)
        (part / "bundle").replace(output.path)
    except BundleUnwritable as error:
        raise BundleUnwritable(output.path, error.reason) from error
    except OSError as error:
        raise _unwritable(output.path, error) from error
    return packed.size, packed.sha256


def _copy(stage: Path, manifest: Manifest, target: Path, progress: Progress) -> None:
    """Copies, no links: who changes a file there shall change no other."""
    counted = Counted("writing", manifest.size, progress)
    target.mkdir()
    (target / paths.MANIFEST).write_bytes(manifest.to_bytes())
    for file in manifest.files:
        copy = target / file.path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(stage / file.path, copy)
        copy.chmod(0o755 if file.executable else 0o644)
        counted.add(file.size)


def _replace_folder(part: Path, out: Path) -> None:
    if exists(out):
        out.rename(part / "replaced")
    (part / "bundle").rename(out)


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _is_bundle(folder: Path) -> bool:
    if folder.is_symlink() or not is_folder(folder):
        return False
    try:
        read_manifest(folder)
    except BadBundle:
        return False
    return True


def _unwritable(place: Path, error: OSError) -> BundleUnwritable:
    name = f"{error.filename}: " if error.filename and str(error.filename) != str(place) else ""
    return BundleUnwritable(place, f"{name}{error.strerror or error}")
