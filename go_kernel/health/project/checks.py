"""The list of the checks of a project.  They take a folder, so none runs by itself."""

from __future__ import annotations

from pathlib import Path

from go_kernel.health.check import Check, Kind
from go_kernel.health.project import (
    builds,
    interrupted,
    modcache,
    mode,
    module,
    overrides,
    packages,
    replaces,
    sources,
    sums,
    toolchain,
    vendor,
    workspace,
)
from go_kernel.health.project.looked import REPAIR, SECONDS, Look, Project

# For lists of checks, which run none.
NOWHERE = Path("/nonexistent")
_GO = "toolchain.present"
_MODULE = "project.module"


def checks(folder: Path, *, deep: bool = True) -> list[Check]:
    """The checks of the project in a folder; without `deep` those that compile nothing."""
    project = Project(folder)
    every = [
        _check(
            project,
            _MODULE,
            "Which go.mod is in force",
            module.look,
            "go.mod or go.work can't be read, or names no module; a pipe; the folder is not there.",
            "Mending the line that is named; `go mod init`.",
            needs=(_GO, "toolchain.hash"),
        ),
        _check(
            project,
            "project.repaired",
            "No repair of the project was killed midway",
            interrupted.look,
            "A `doctor --fix` that was killed between its steps.",
            "The fix, which puts back what was there.",
            fixes=(REPAIR,),
        ),
        _check(
            project,
            "project.mode",
            "Go is in module mode and understands GOFLAGS",
            mode.look,
            "GO111MODULE=off; GOFLAGS that Go doesn't know, that write go.mod, or name programs.",
            "Taking the variable back where it was set.",
        ),
        _check(
            project,
            "project.workspace",
            "The go.work in force suits the project",
            workspace.look,
            "It doesn't use the module, or uses a folder without one; its go line is too old.",
            "`go work use`, `go work edit -dropuse=…`, or GOWORK=off.",
        ),
        _check(
            project,
            "project.toolchain",
            "The go and toolchain lines suit the environment's Go",
            toolchain.look,
            "go.mod or go.work asks for a newer Go, or GOTOOLCHAIN lets Go fetch another one.",
            "A newer Go in the environment, or a lower go line.",
        ),
        _check(
            project,
            "project.vendor",
            "The vendor folder is used, and agrees with go.mod",
            vendor.look,
            "go.mod was changed after `go mod vendor`; a flag or go line keeps the folder out.",
            "`go mod vendor`, or taking the flag back.",
            fixes=(REPAIR,),
        ),
        _check(
            project,
            "project.replace",
            "Each replace directive has its effect",
            replaces.look,
            "Vendoring, GOFLAGS, go.work, another folder or version, GOPRIVATE; nothing requires "
            "the module; what should stand in is not there.",
            "The `go mod edit` or `go mod vendor` that is named.",
            fixes=(REPAIR,),
        ),
        _check(
            project,
            "project.sums",
            "go.mod and go.sum hold what the packages import",
            sums.look,
            "An import that nothing requires, lines that go.sum lacks, a module that differs.",
            "`go mod tidy`.",
            fixes=(REPAIR,),
            seconds=SECONDS,
        ),
        _check(
            project,
            "project.packages",
            "Go takes each package as it is there",
            packages.look,
            "Two packages in a folder, a name that Go refuses, a source that is cut off.",
            "Mending what is named.",
            seconds=SECONDS,
        ),
        _check(
            project,
            "project.modcache",
            "The project's modules are what was downloaded",
            modcache.look,
            "Somebody changed a file below GOMODCACHE (`go mod verify`).",
            "`go clean -modcache`; Go downloads again what it needs.",
            seconds=3 * SECONDS,
            fixes=("modcache.clear",),
        ),
        _check(
            project,
            "project.overrides",
            "Who sets GOBIN, GOMODCACHE and GOCACHE",
            overrides.look,
            "The process, `go env -w` or an activation sets one; two of them disagree.",
            "Taking one of them back.",
        ),
        _check(
            project,
            "project.sources",
            "GOPROXY, GOSUMDB and GOPRIVATE contradict nothing",
            sources.look,
            "An entry that is no address or never asked; GONOPROXY in GOPRIVATE's place; GOSUMDB "
            "without a network, or off with one.",
            "The value that is named.",
        ),
    ]
    if deep:
        every.append(
            _check(
                project,
                "project.build",
                "`go build` works where `go run` does (with `--deep`)",
                builds.look,
                "Two programs in a folder, a folder of the program's name, a broken repository.",
                "Another place or name for the program; `-buildvcs=false`.",
                seconds=3 * SECONDS,
            )
        )
    return every


def _check(
    project: Project,
    id: str,
    title: str,
    look: Look,
    broken_by: str,
    mended_by: str,
    *,
    seconds: float = SECONDS,
    needs: tuple[str, ...] = (_GO, _MODULE),
    fixes: tuple[str, ...] = (),
) -> Check:
    return Check(
        id=id,
        title=title,
        run=project.runs(look),
        broken_by=broken_by,
        mended_by=mended_by,
        kind=Kind.LIVE,
        seconds=seconds,
        needs=needs,
        fixes=fixes,
    )
