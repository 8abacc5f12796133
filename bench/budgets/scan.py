"""A scan of 1,000 projects, against what people do without one: a loop in a shell.

The loop asks `go list -m -json` in each project, which says less: it reads the go.mod
that a replace leads to, and no more of it.  One in ten has a replace that leads nowhere.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from bench.interleave import Take, interleaved, undisturbed
from bench.result import Comparison, Kind, Result
from bench.world import World
from go_kernel import toolchain
from go_kernel.findings import GoKernelError
from go_kernel.process import run
from go_kernel.project.scan import scanning

NAME = "scan"
TITLE = "a scan of 1,000 projects, against a shell loop of go list"
_PROJECTS = 1000
_EVERY = 10
_LOOP = "go list -m -json, in a loop"
_FIRST, _AGAIN = "the first scan, the reader built", "each further scan"
_SECONDS = 600.0
_SCRIPT = """
for mod in $(find "$1" -name go.mod -not -path '*/vendor/*'); do
  (cd "${mod%/*}" && "$2" list -m -json all >/dev/null 2>&1) || echo "$mod"
done
"""


class NotFound(GoKernelError):
    """A way did not find all replaces that lead nowhere."""

    id = "bench.scan"


async def measure(world: World, rounds: int) -> Result:
    """Seconds from folders to a list of risks."""
    base = world.folder / "scan"
    projects = _projects(base / "projects")
    env = _variables(base, world)
    ways = {
        _FIRST: _ours(projects, world, env, anew=True),
        _AGAIN: _ours(projects, world, env, anew=False),
        _LOOP: _loop(projects, world, env),
    }
    taken = await interleaved(ways, rounds, warm_ups=1)
    compared = [
        Comparison(way, taken[way], _LOOP, taken[_LOOP], Kind.RATIO, 1.0)
        for way in (_FIRST, _AGAIN)
    ]
    note = "the first scan builds a program of Go's parser; Go's own build cache is warm"
    return Result(NAME, TITLE, tuple(compared), (note,))


def _ours(projects: Path, world: World, env: Mapping[str, str], *, anew: bool) -> Take:
    chain = toolchain.at_goroot(world.goroot)
    cache = Path(env["HOME"]) / ("first" if anew else "again")
    own = {**env, "XDG_CACHE_HOME": str(cache)}

    async def take() -> float:
        if anew:
            shutil.rmtree(cache, ignore_errors=True)
        with undisturbed():
            begin = time.perf_counter()
            found = scanning.scan([scanning.folder(projects, chain.version)], chain, own)
            seconds = time.perf_counter() - begin
        missing = {one.file for one in found.risks if one.finding.id == "replace.missing"}
        _check(len(found.files) == _PROJECTS and len(missing) == _PROJECTS // _EVERY)
        return seconds

    return take


def _loop(projects: Path, world: World, env: Mapping[str, str]) -> Take:
    argv = ["/bin/sh", "-c", _SCRIPT, "sh", str(projects), str(world.goroot / "bin" / "go")]

    async def take() -> float:
        begin = time.perf_counter()
        done = run(argv, env=env, timeout=_SECONDS)
        seconds = time.perf_counter() - begin
        _check(len(done.stdout.splitlines()) == _PROJECTS // _EVERY)
        return seconds

    return take


def _check(good: bool) -> None:
    if not good:
        raise NotFound("Not all replaces that lead nowhere were found.")


def _variables(base: Path, world: World) -> dict[str, str]:
    home = base / "home"
    home.mkdir()
    return {
        "PATH": world.env["PATH"],
        "HOME": str(home),
        "GOCACHE": str(base / "gocache"),
        "GOENV": "off",
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOROOT": str(world.goroot),
    }


def _projects(folder: Path) -> Path:
    """Projects in a repository, each with a library beside it; some libraries are missing."""
    (folder / ".git").mkdir(parents=True)
    for number in range(_PROJECTS // 2):
        project, library = (folder / f"{kind}{number}" for kind in ("project", "library"))
        _module(library, f"bench.test/library{number}", "")
        goes = "nowhere" if number % (_EVERY // 2) == 0 else library.name
        lines = (
            f"require bench.test/library{number} v1.0.0\n\n"
            f"replace bench.test/library{number} => ../{goes}\n"
        )
        _module(project, f"bench.test/project{number}", lines)
    return folder


def _module(folder: Path, path: str, lines: str) -> None:
    for name in ("cmd", "internal/parts", "docs"):
        (folder / name).mkdir(parents=True)
    (folder / "go.mod").write_text(f"module {path}\n\ngo 1.22\n\n{lines}")
    (folder / "main.go").write_text("package p\n")
