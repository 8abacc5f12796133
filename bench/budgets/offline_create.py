"""A bundle of a project with 100 modules, against what people do without one.

All modules come from a proxy in a folder, into an empty module cache, so that no network
is measured.  They hold the sources of Go's own packages: of a size, and as compressible,
as modules are.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.interleave import Take, interleaved
from bench.result import Comparison, Kind, Result
from bench.world import World
from go_kernel import toolchain
from go_kernel.findings import GoKernelError
from go_kernel.offline import create
from go_kernel.offline.create import Output
from go_kernel.offline.wanted import Wanted
from go_kernel.process import run

NAME = "bundle"
TITLE = "a bundle of a project with 100 modules, against go mod download and tar"
_MODULES = 100
_NEEDS = 3  # how many others a module requires
_DOWNLOAD, _VENDOR, _OURS = (
    "go mod download all, tar czf",
    "go mod vendor, tar czf",
    "bundle create",
)
_SECONDS = 600.0


class NotTheSame(GoKernelError):
    """A way did not get all modules."""

    id = "bench.bundle"


async def measure(world: World, rounds: int) -> Result:
    """Seconds from an empty module cache to one file, and that file's size."""
    base = world.folder / "bundle"
    project = _project(base, world.goroot)
    env = _variables(base, world)
    sizes: dict[str, int] = {}
    ways: dict[str, Callable[[], Path]] = {
        _OURS: lambda: _ours(base, project, world, env),
        _DOWNLOAD: lambda: _downloaded(base, project, world, env),
        _VENDOR: lambda: _vendored(base, project, world, env),
    }
    takes = {name: _timed(base, name, way, sizes) for name, way in ways.items()}
    taken = await interleaved(takes, rounds, warm_ups=1)
    compared = [
        Comparison("from an empty module cache", taken[_OURS], peer, taken[peer], Kind.RATIO, None)
        for peer in (_DOWNLOAD, _VENDOR)
    ]
    ours = sizes[_OURS]
    notes = [f"{_OURS}: {ours / 1e6:.1f} MB, with tests, a manifest, and what notebooks ask"]
    notes += [
        f"{peer}: {sizes[peer] / 1e6:.1f} MB, ours is {ours / sizes[peer]:.2f} of that"
        for peer in (_DOWNLOAD, _VENDOR)
    ]
    return Result(NAME, TITLE, tuple(compared), tuple(notes))


def _timed(base: Path, name: str, way: Callable[[], Path], sizes: dict[str, int]) -> Take:
    async def take() -> float:
        begin = time.perf_counter()
        made = way()
        seconds = time.perf_counter() - begin
        sizes[name] = made.stat().st_size
        made.unlink()
        for left in ("cache", "vendored"):
            shutil.rmtree(base / left, ignore_errors=True)
        return seconds

    return take


def _ours(base: Path, project: Path, world: World, env: Mapping[str, str]) -> Path:
    with create.workplace(env) as place:
        asking = create.asking_in(place, toolchain.at_goroot(world.goroot), env)
        want = Wanted(projects=(project,))
        made = create.create(want, [], Output(base / "ours.tar.zst"), asking)
    if sum(bool(one.sum) for one in made.manifest.modules) != _MODULES:
        raise NotTheSame(f"The bundle holds {len(made.manifest.modules)} modules.")
    return made.path


def _downloaded(base: Path, project: Path, world: World, env: Mapping[str, str]) -> Path:
    _go(("mod", "download", "all"), project, world, env)
    return _tar(base / "downloaded.tar.gz", base / "cache" / "cache" / "download")


def _vendored(base: Path, project: Path, world: World, env: Mapping[str, str]) -> Path:
    _go(("mod", "vendor", "-o", str(base / "vendored")), project, world, env)
    return _tar(base / "vendored.tar.gz", base / "vendored")


def _tar(out: Path, folder: Path) -> Path:
    # As the tar of the system does it, which is what people have.
    subprocess.run(["/usr/bin/env", "tar", "-czf", out, "-C", folder, "."], check=True)
    return out


def _go(arguments: tuple[str, ...], cwd: Path, world: World, env: Mapping[str, str]) -> None:
    argv = (str(world.goroot / "bin" / "go"), *arguments)
    run(argv, env={**env, "GOFLAGS": "-modcacherw"}, timeout=_SECONDS, cwd=cwd)


def _variables(base: Path, world: World) -> dict[str, str]:
    return {
        **world.env,
        "GOROOT": str(world.goroot),
        "GOPROXY": f"file://{base / 'proxy'}",
        "GOSUMDB": "off",
        "GOENV": "off",
        "GOTOOLCHAIN": "local",
        "GOMODCACHE": str(base / "cache"),
        "GOPATH": str(base / "gopath"),
        "GOCACHE": str(base / "gocache"),
    }


def _project(base: Path, goroot: Path) -> Path:
    """A project that imports modules of which each needs some others, all in a proxy."""
    folders = [f for f in sorted((goroot / "src").rglob("*")) if f.is_dir() and _is_usual(f)]
    folders = sorted(folders, key=_size, reverse=True)[:_MODULES]
    for number, folder in enumerate(folders):
        needs = [one for one in range(number + 1, number + 1 + _NEEDS) if one < _MODULES]
        _publish(base / "proxy", number, needs, folder)
    project = base / "project"
    project.mkdir(parents=True)
    (project / "go.mod").write_text("module bench.test/project\n\ngo 1.22\n")
    (project / "project.go").write_text(_source("project", range(0, _MODULES, _NEEDS)))
    chain = toolchain.at_goroot(goroot)
    env = {"GOPROXY": f"file://{base / 'proxy'}", "GOSUMDB": "off", "GOMODCACHE": f"{base}/cache"}
    own = {"PATH": "/usr/bin:/bin", "HOME": str(base), "GOFLAGS": "-modcacherw", **env}
    run((str(chain.go), "mod", "tidy"), env=own, timeout=_SECONDS, cwd=project)
    shutil.rmtree(base / "cache")
    return project


def _is_usual(folder: Path) -> bool:
    return not {"testdata", "vendor", "cmd"} & {*folder.parts} and any(folder.glob("*.go"))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.go"))


def _publish(proxy: Path, number: int, needs: list[int], folder: Path) -> None:
    path, version = f"bench.test/m{number}", "v1.0.0"
    mod = f"module {path}\n\ngo 1.22\n" + "".join(
        f"\nrequire bench.test/m{n} v1.0.0\n" for n in needs
    )
    place = proxy / path / "@v"
    place.mkdir(parents=True)
    (place / "list").write_text(f"{version}\n")
    info = {"Version": version, "Time": "2026-01-02T03:04:05Z"}
    (place / f"{version}.info").write_text(json.dumps(info))
    (place / f"{version}.mod").write_text(mod)
    inside = f"{path}@{version}"
    with zipfile.ZipFile(place / f"{version}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{inside}/go.mod", mod)
        archive.writestr(f"{inside}/m.go", _source(f"m{number}", needs))
        for file in sorted(folder.glob("*.go")):
            # Not as Go: they would be a package of the standard library's.
            archive.write(file, f"{inside}/{file.name}.txt")


def _source(package: str, needs: range | list[int]) -> str:
    imports = [f'import _ "bench.test/m{number}"' for number in needs]
    return "\n".join([f"package {package}", "", *imports, ""])
