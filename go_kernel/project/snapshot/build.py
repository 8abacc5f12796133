"""A program built twice, in two folders and with two empty caches: is it the same one?

The second folder is the first by another way, a link to `/` before its path: Go takes
paths as they are spelled, so each build sees all sources elsewhere, also those that
`../` leads to, and nothing is copied.
"""

from __future__ import annotations

import filecmp
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from go_kernel import goflags, scratch
from go_kernel.digests import sha256
from go_kernel.files import is_folder
from go_kernel.folders import cache_folder
from go_kernel.gojson import objects
from go_kernel.offline.progress import Progress, silent
from go_kernel.process import CommandError
from go_kernel.project.go import ProjectGo
from go_kernel.project.snapshot import placeless
from go_kernel.project.snapshot.errors import (
    NotAProgram,
    NotBuilt,
    NotReproducible,
    Unwritable,
)
from go_kernel.project.snapshot.model import Build

# Nothing of folders, repositories and caches comes into a program that is built by these.
# ref: https://go.dev/blog/rebuild
FLAGS = ("-trimpath", "-buildvcs=false", "-ldflags=-buildid=")
_SECONDS = 1800.0
_PREFIX = "build-"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Builder:
    """Builds what is in `folder`; `place` is a folder of its own to work in.

    `prefix` is that of the environment, None outside of conda.
    """

    go: ProjectGo
    folder: Path
    place: Path
    progress: Progress = silent
    prefix: Path | None = None

    def twice(self, package: str) -> Build:
        """Build it twice; raises NotAProgram, NotBuilt, NotReproducible and Unwritable."""
        self._check(package)
        one, other = (self._built(package, number) for number in ("first", "second"))
        if not filecmp.cmp(one, other, shallow=False):
            sizes = (one.stat().st_size, other.stat().st_size)
            raise NotReproducible(package, _first_difference(one, other), sizes)
        own = sha256(one)
        return Build(package, own, one.stat().st_size, self._anywhere(package, one, own))

    def command(self, package: str) -> str:
        """What a person types for the same bytes."""
        kept = [
            flag
            for flag in goflags.split(self.go.variables["GOFLAGS"])
            if goflags.name_of(flag) != "buildvcs"
        ]
        words = [f"GOFLAGS={shlex.quote(goflags.join(kept))}", "GOTOOLCHAIN=local", "go", "build"]
        return " ".join([*words, *FLAGS, shlex.quote(package)])

    def _check(self, package: str) -> None:
        if package.startswith("-") or not package:
            raise NotAProgram(package, "is no package")
        if not package.startswith((".", "/")) and is_folder(self.folder / package):
            raise NotAProgram(
                package,
                "is a folder, and Go wants a path that begins with ./",
                f"Did you mean --build {shlex.quote(f'./{package}')}?",
            )
        try:
            done = self.go.run(self.folder, "list", "-json=Name", "--", package)
            names = [str(one.get("Name")) for one in objects(done.stdout)]
        except CommandError as error:
            raise NotBuilt(
                self.folder, package, error.output or error.summary, self.go.go
            ) from error
        if len(names) != 1:
            raise NotAProgram(package, f"names {len(names)} packages")
        if names != ["main"]:
            raise NotAProgram(package, f"is the package {names[0]}, which is no program")

    def _anywhere(self, package: str, program: Path, own: str) -> str:
        """The hash without the environment's folder, "" where that can't be taken out."""
        if self.prefix is None or not placeless.holds(program, self.prefix):
            return own
        self.progress(f"builds {package} without the environment's folder")
        more = placeless.variables(self.go.variables, self.prefix)
        try:  # over the second one, with its cache: packages without cgo are there
            other = self._once(package, self.place / "second", more)
            digest = sha256(other)
        except (NotBuilt, OSError):
            return ""
        # A source that names the folder does so everywhere: nothing depends on where it is.
        return digest if digest == own or not placeless.holds(other, self.prefix) else ""

    def _built(self, package: str, number: str) -> Path:
        self.progress(f"builds {package}, the {number} time")
        place = self.place / number
        try:
            return self._once(package, place, {})
        except OSError as error:
            raise Unwritable(place, error.strerror or str(error)) from error

    def _once(self, package: str, place: Path, more: Mapping[str, str]) -> Path:
        """Build it from the folder as it is seen from `place`; `more` are variables."""
        for name in ("cache", "tmp"):
            (place / name).mkdir(parents=True, exist_ok=True)
        root, out = place / "root", place / "program"
        if not root.is_symlink():
            root.symlink_to("/")
        here = root / self.folder.absolute().relative_to("/")
        arguments = ("build", *FLAGS, "-o", str(out), "--", package)
        try:
            self.go.run(here, *arguments, timeout=_SECONDS, more={**_own(place), **more})
        except CommandError as error:
            said = (error.output or error.summary).replace(str(root), "")
            raise NotBuilt(self.folder, package, said, self.go.go) from error
        return out


def of_each(builder: Builder, packages: Sequence[str]) -> tuple[Build, ...]:
    """What each of them comes to, in their order."""
    return tuple(builder.twice(one) for one in dict.fromkeys(packages))


@contextmanager
def workplace(env: Mapping[str, str]) -> Iterator[Path]:
    """An empty folder, gone afterwards; raises Unwritable."""
    base = cache_folder(env) / "building"
    scratch.sweep(base, _PREFIX)
    try:
        own = scratch.make(base, prefix=_PREFIX)
    except scratch.NoScratch as error:
        cause = error.__cause__
        raise Unwritable(base, getattr(cause, "strerror", None) or str(cause)) from error
    try:
        yield own.folder
    finally:
        own.release()


def _own(place: Path) -> dict[str, str]:
    tmp = str(place / "tmp")
    return {"GOCACHE": str(place / "cache"), "GOTMPDIR": tmp, "TMPDIR": tmp}


def _first_difference(one: Path, other: Path) -> int:
    """The offset of the first byte in which they differ; the end of the shorter one."""
    at = 0
    with one.open("rb") as left, other.open("rb") as right:
        while (a := left.read(_CHUNK)) == (b := right.read(_CHUNK)) and a:
            at += len(a)
    pairs = enumerate(zip(a, b, strict=False))
    return at + next((i for i, (x, y) in pairs if x != y), min(len(a), len(b)))
