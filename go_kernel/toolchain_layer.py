"""Layer 6: what follows from the toolchain, and nobody else may set.

GOROOT and the `go` on PATH are the environment's own, Go never downloads another
Go, its configuration files are out of force, and the engine's build flags hold for
all that a kernel compiles.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from go_kernel import cgo, goflags, places, platforms, taking_back, toolchain_findings
from go_kernel.environment import Layer, Merge, Origin
from go_kernel.files import is_file
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.toolchain import Toolchain
from go_kernel.variables import masked


def apply(merge: Merge, toolchain: Toolchain, subdir: str, parent: Mapping[str, str]) -> None:
    """Put everything that follows from `toolchain` in force, with findings.

    `subdir` is conda's for the environment's packages, "" where there is none.
    """
    _own_variables(merge, toolchain)
    _check_platform(merge, toolchain, subdir)
    _report_planted(merge, toolchain, parent)
    _go_first(merge, toolchain)
    _engine_flags(merge)
    cgo.set_cgo(merge, toolchain.prefix, toolchain.goos)
    places.set_places(merge, toolchain)


def _own_variables(merge: Merge, toolchain: Toolchain) -> None:
    recorded = merge.get("GOROOT")
    if recorded and os.path.realpath(recorded) != os.path.realpath(toolchain.goroot):
        by = merge.variables["GOROOT"].origin
        merge.findings.append(toolchain_findings.moved(toolchain.goroot, recorded, str(by)))
    merge.set("GOROOT", str(toolchain.goroot), Origin(Layer.TOOLCHAIN))
    merge.set("GOTOOLCHAIN", "local", Origin(Layer.TOOLCHAIN, "this Go and no other"))
    merge.set("GOENV", "off", Origin(Layer.TOOLCHAIN, "its values are in the lowest layer"))


def _check_platform(merge: Merge, toolchain: Toolchain, subdir: str) -> None:
    goos = merge.get("GOOS", toolchain.goos)
    goarch = merge.get("GOARCH", toolchain.goarch)
    if (goos, goarch) != (toolchain.goos, toolchain.goarch):
        ours = subdir or platforms.to_subdir(toolchain.goos, toolchain.goarch) or ""
        found = platforms.PlatformMismatch(
            ours, goos, goarch, merge.get("GOARM"), platforms.of_subdir(ours)
        )
        merge.findings.append(taking_back.named(found, merge, toolchain).finding())
    elif subdir and (found_mismatch := platforms.mismatch(subdir, goos, goarch)):
        merge.findings.append(taking_back.named(found_mismatch, merge, toolchain).finding())


def _go_first(merge: Merge, toolchain: Toolchain) -> None:
    folder = str(toolchain.go.parent)
    entries = [entry for entry in merge.get("PATH").split(os.pathsep) if entry.startswith("/")]
    path = os.pathsep.join([folder, *(entry for entry in entries if entry != folder)])
    merge.set("PATH", path, Origin(Layer.TOOLCHAIN, "the environment's go first"))


def _engine_flags(merge: Merge) -> None:
    before = merge.get("GOFLAGS")
    value, dropped = goflags.for_kernel(before)
    merge.set("GOFLAGS", value, Origin(Layer.TOOLCHAIN, "the engine's build flags"))
    if dropped:
        merge.findings.append(_flags_dropped(before, dropped))


def _report_planted(merge: Merge, toolchain: Toolchain, parent: Mapping[str, str]) -> None:
    own = {str(toolchain.go.parent)}
    if toolchain.prefix is not None:
        own.add(f"{toolchain.prefix}/bin")
    for path in dict.fromkeys((merge.get("PATH"), parent.get("PATH", ""))):
        entries = [entry.rstrip("/") or entry for entry in path.split(os.pathsep)]
        planted = _planted(entries, own, toolchain)
        if planted is not None:
            merge.findings.append(_planted_finding(planted, toolchain))
            return


def _planted(entries: list[str], own: set[str], toolchain: Toolchain) -> Path | None:
    """A `go` that a search of PATH would find before the environment's own."""
    if not own.intersection(entries):
        return None  # a PATH without this environment says nothing about it
    for entry in entries:
        if entry in own:
            return None
        go = Path(entry or ".", "go")
        if os.access(go, os.X_OK) and is_file(go) and not _same(go, toolchain.go):
            return go
    return None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _planted_finding(planted: Path, toolchain: Toolchain) -> Finding:
    return Finding(
        id="path.planted-go",
        status=Status.WARN,
        summary=(
            f"{planted} comes before the environment's own Go on PATH; kernels never run it, they "
            f"run {toolchain.go}."
        ),
        evidence=str(planted),
        remedy=Remedy(
            f"If you did not put {planted} there, find out who did; remove it, or move its folder "
            "behind the environment's on PATH."
        ),
        environment=str(toolchain.prefix or toolchain.goroot),
    )


def _flags_dropped(before: str, dropped: list[str]) -> Finding:
    return Finding(
        id="goflags.dropped",
        status=Status.INFO,
        summary=(
            f"{' '.join(dropped)} in GOFLAGS is not used in notebooks: packages built with it "
            "don't load into the kernel."
        ),
        evidence=masked("GOFLAGS", before),
        remedy=Remedy("Nothing is to be done; outside of kernels the flag stays in force."),
    )
