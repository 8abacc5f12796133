"""Who needs a built engine: installed kernels, and kernels that run at this moment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from go_kernel import process, resolve
from go_kernel.cache import Cache
from go_kernel.digests import remembered_sha256
from go_kernel.engines import catalogue
from go_kernel.engines.keys import sources_digest
from go_kernel.engines.store import Build
from go_kernel.findings import GoKernelError
from go_kernel.folders import cache_folder
from go_kernel.installed import Kernel

_PS_SECONDS = 10
_ANY_GO = "any"


def users(
    builds: Iterable[Build], kernels: Iterable[Kernel], env: Mapping[str, str]
) -> dict[Path, list[str]]:
    """The names of the kernels that would use each build, by the build's folder.

    A build counts as a kernel's where its engine, its sources and its `go` are the
    kernel's.  The rest of a build's key may change with the process that launches, so
    it isn't looked at: that keeps a build too many rather than one too few.  So does a
    kernel that follows the Hub: any `go` may be its next one.
    """
    cache = Cache(cache_folder(env))
    wanted = {kernel.name: _wanted_by(kernel, cache) for kernel in kernels}
    return {
        build.folder: [name for name, facts in wanted.items() if _suits(build, facts)]
        for build in builds
    }


def running(builds: Iterable[Build]) -> set[Path]:
    """The folders of the builds of which a kernel runs at this moment, as far as we may see."""
    programs = _running_programs()
    return {build.folder for build in builds if os.path.realpath(build.executable) in programs}


def size_on_disk(build: Build) -> int:
    """The bytes of all files of a build, its program and what lies beside it."""
    return sum(
        Path(folder, name).lstat().st_size
        for folder, _, names in os.walk(build.folder)
        for name in names
    )


def _suits(build: Build, wanted: tuple[str, str, str] | None) -> bool:
    made = build.manifest
    facts = (made.engine, made.sources_digest, made.go_sha256)
    return wanted is not None and wanted in (facts, (*facts[:2], _ANY_GO))


def _wanted_by(kernel: Kernel, cache: Cache) -> tuple[str, str, str] | None:
    """Engine, sources and hash of `go` of a kernel; None of one that can't start."""
    if kernel.config is None:
        return None
    try:
        engine = catalogue.get(kernel.config.engine)
        if kernel.follows_hub:
            return engine.name, sources_digest(engine.folder), _ANY_GO
        go = resolve.find_toolchain(kernel.config.target).go
        return engine.name, sources_digest(engine.folder), remembered_sha256(go, cache)
    except (GoKernelError, OSError):
        return None


def _running_programs() -> set[str]:
    """The paths of all running programs: from /proc, and where there is none, from ps."""
    found: set[str] = set()
    with suppress(OSError):
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                with suppress(OSError):
                    # A program whose file was removed or replaced is told as such.
                    found.add(str(Path(entry.path, "exe").readlink()).removesuffix(" (deleted)"))
    if found:
        return found
    with suppress(process.CommandError):
        argv = ["/bin/ps", "-axo", "comm="]
        listed = process.run(argv, env={"PATH": "/usr/bin:/bin"}, timeout=_PS_SECONDS)
        found = {os.path.realpath(line.strip()) for line in listed.stdout.splitlines()}
    return found
