"""A package that a kernel without network can be tried with: one out of its bundles.

Bundles hold what somebody wanted, so there is no one module that all of them have.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from go_kernel.files import is_file
from go_kernel.health.live import trial
from go_kernel.offline import paths
from go_kernel.offline.store import Bundle

# Whoever bundles a module for notebooks has something to import in the first of them.
_LOOKED_AT = 30
_NOT_FOR_IMPORT = frozenset({"internal", "vendor", "testdata", "cmd", "examples", "example"})
_PACKAGE = re.compile(r"^package[ \t]+(\w+)", re.MULTILINE)
_LEFT_OUT = re.compile(r'^//go:build |^// \+build |^import "C"', re.MULTILINE)
_REQUIRES = re.compile(r"^\s*require\b", re.MULTILINE)
_MOST_READ = 1 << 20


@dataclass(frozen=True)
class Sample:
    """A package to import, and the module that it is of."""

    package: str
    module: str
    version: str
    bundle: str

    @property
    def at(self) -> str:
        """The module as `go get` wants it."""
        return f"{self.module}@{self.version}"


def sample(used: Iterable[Bundle]) -> Sample | None:
    """A package of one of these bundles; None where none has one that could be imported.

    What was asked for by name comes first: all that it needs is there, too.  Then modules
    that need nothing, small ones first.
    """
    used = [*used]
    for bundle, module, version in islice(_candidates(used), _LOOKED_AT):
        archive = bundle.folder / paths.file_of(module, version, "zip")
        package = _package(archive, f"{module}@{version}") if is_file(archive) else None
        if package is not None:
            return Sample(f"{module}/{package}".rstrip("/."), module, version, bundle.title)
    return None


def _candidates(used: Iterable[Bundle]) -> Iterator[tuple[Bundle, str, str]]:
    for bundle in used:
        yield bundle, trial.SAMPLE, trial.SAMPLE_VERSION
    for bundle in used:
        for extra in bundle.summary.extras:
            module, _, version = extra.partition("@")
            if paths.is_module(module) and paths.is_version(version):
                yield bundle, module, version
    for bundle in used:
        for archive in sorted(_archives(bundle), key=_size):
            found = paths.module_of(archive.relative_to(bundle.folder).as_posix())
            if found and _needs_nothing(archive.with_suffix(".mod")):
                yield bundle, found[0], found[1]


def _archives(bundle: Bundle) -> Iterator[Path]:
    for folder, _, names in os.walk(bundle.proxy):
        yield from (Path(folder, name) for name in names if name.endswith(".zip"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _needs_nothing(go_mod: Path) -> bool:
    try:
        with go_mod.open(encoding="utf-8", errors="replace") as stream:
            return _REQUIRES.search(stream.read(_MOST_READ)) is None
    except OSError:
        return False


def _package(archive: Path, prefix: str) -> str | None:
    """The folder of a package in a module's zip, "." for its root; None where there is none."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [PurePosixPath(name) for name in opened.namelist()]
            files = [one.relative_to(prefix) for one in names if one.is_relative_to(prefix)]
            for file in sorted(filter(_may_be, files), key=lambda one: (len(one.parts), one)):
                if _is_library(opened, f"{prefix}/{file}"):
                    return str(file.parent)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return None  # what is wrong with a bundle, others say
    return None


def _may_be(file: PurePosixPath) -> bool:
    """Whether a file belongs to a package that can be imported on any platform."""
    hidden = any(part in _NOT_FOR_IMPORT or part[0] in "._" for part in file.parts)
    return file.suffix == ".go" and "_" not in file.name and not hidden


def _is_library(opened: zipfile.ZipFile, name: str) -> bool:
    with opened.open(name) as stream:
        text = stream.read(_MOST_READ).decode(errors="replace")
    package = _PACKAGE.search(text)
    return package is not None and package[1] != "main" and not _LEFT_OUT.search(text)
