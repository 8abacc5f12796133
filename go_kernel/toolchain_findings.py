"""What can be wrong with a Go toolchain, each a finding of its own.

The ids are `toolchain.*`.  Where nothing else is said, the remedy is to install Go
again: `in_environment` and `outside` say how.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from go_kernel import platforms
from go_kernel.findings import Finding, FindingError, Remedy, Status

# As many paths as somebody may want to see.
_SHOWN = 20


def in_environment(finding: Finding, prefix: Path) -> FindingError:
    """An error about the Go of a conda environment."""
    again = Remedy(
        "Reinstall Go in this environment",
        (f"conda install -p {_quoted(prefix)} --force-reinstall go",),
    )
    return FindingError(replace(finding, remedy=finding.remedy or again).about(prefix))


def outside(finding: Finding, place: Path) -> FindingError:
    """An error about a Go outside of conda."""
    again = Remedy("Install that Go again, or name another one.")
    return FindingError(replace(finding, remedy=finding.remedy or again).about(place))


def prefix_gone(prefix: Path) -> Finding:
    """The environment was removed."""
    return _error(
        "prefix-gone",
        f"The conda environment {prefix} does not exist any more.",
        Remedy(
            "Create it again, or remove its kernel: `jupyter gokernel list` names it and "
            "`jupyter gokernel uninstall NAME` removes it."
        ),
    )


def missing(place: Path, *, recorded: bool = False) -> Finding:
    """A conda environment without `bin/go`; `recorded` where conda believes that it is there."""
    if recorded:
        go = place / "bin" / "go"
        return _error("missing", f"{go} is gone, and conda has a record of its package.")
    return _error(
        "missing",
        f"{place} holds no Go: there is no {place / 'bin' / 'go'}.",
        Remedy("Install Go into the environment", (f"conda install -p {_quoted(place)} go",)),
    )


def no_go(go: Path) -> Finding:
    """As `missing`, of a Go that nobody expects in a conda environment."""
    return _error(
        "missing",
        f"There is no Go: {go} does not exist.",
        Remedy("Name the GOROOT, or the `go`, of an installed Go."),
    )


def unreadable(path: Path) -> Finding:
    """Nobody can say what is there."""
    return _error(
        "unreadable",
        f"{path} can't be examined: a folder above it may not be entered.",
        Remedy("Ask its owner for the right to read it."),
    )


def broken_link(go: Path) -> Finding:
    """`go` is a link to nowhere, or to itself."""
    return _error("broken-link", f"{go} is a link to {go.readlink()}, which does not exist.")


def not_executable(go: Path) -> Finding:
    """`go` is a folder, or lacks the right to be run."""
    return _error("not-executable", f"{go} is not an executable file.")


def noexec(go: Path) -> Finding:
    """`go` is on a file system that is mounted so that nothing in it runs."""
    return _error(
        "noexec",
        f"{go} can't be run: its file system is mounted noexec, and nothing in it may be run.",
        Remedy("Put the environment on another file system, or have this one mounted with `exec`."),
    )


def no_goroot(prefix: Path) -> Finding:
    """A `go` without the tree that belongs to it."""
    return _error(
        "no-goroot",
        f"{prefix / 'bin' / 'go'} exists, but no GOROOT with it: neither {prefix / 'go'} nor "
        "another place known for it has a VERSION file.",
    )


def replaced(go: Path, goroot: Path) -> Finding:
    """`bin/go` is some other program than the Go that is installed beside it."""
    return _error(
        "replaced",
        f"{go} is not the Go of {goroot}: somebody put another program in its place, and it is "
        "not run.",
    )


def no_version(goroot: Path) -> Finding:
    """A tree that doesn't say which Go it is."""
    return _error("no-version", f"{goroot / 'VERSION'} names no Go version.")


def no_tools(goroot: Path, version: str) -> Finding:
    """A tree without a compiler."""
    return _error(
        "no-tools",
        f"Go {version} in {goroot} has no compiler: {goroot / 'pkg' / 'tool'} holds no `compile`.",
    )


def other_platform(goroot: Path, built_for: tuple[str, str], here: platforms.Platform) -> Finding:
    """A Go that this machine can't run."""
    return _error(
        "other-platform",
        f"The Go in {goroot} is built for {'/'.join(built_for)}, and this machine is {here}.",
        Remedy(
            f"Install Go for {platforms.to_subdir(here.goos, here.goarch, here.goarm) or here}."
        ),
    )


def moved(goroot: Path, recorded: str, by: str = "the environment") -> Finding:
    """GOROOT is not where `by` (the environment's own files) says: it was copied or moved."""
    return Finding(
        id="toolchain.moved",
        status=Status.WARN,
        summary=(
            f"GOROOT={recorded} (set by {by}) is not where this environment's Go is; the real "
            f"one, {goroot}, is used."
        ),
        evidence=recorded,
        remedy=Remedy(
            "If the environment was moved or copied, create it anew; a GOROOT that you set "
            "yourself can go."
        ),
        environment=str(goroot),
    )


def not_whole(goroot: Path, wrong: Sequence[Path], looked_at: int) -> Finding:
    """Files of the installed package are missing, or have another size."""
    some = ", ".join(map(str, wrong[:3])) + (" …" if len(wrong) > 3 else "")
    return _error(
        "not-whole",
        f"The Go in {goroot} is not whole: of {looked_at} files looked at, {len(wrong)} "
        f"{'is' if len(wrong) == 1 else 'are'} missing or of another size ({some}).",
        evidence="\n".join(map(str, wrong[:_SHOWN])),
    )


def _error(name: str, summary: str, remedy: Remedy | None = None, *, evidence: str = "") -> Finding:
    return Finding(f"toolchain.{name}", Status.ERROR, summary, evidence, remedy)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
