"""Builds a peer from its pinned modules, once for each content of its folder.

A peer's folder holds go.mod and go.sum, which say what it is made of, and, where the
published sources don't start as they are, `edits/` (go_kernel/engines/mend.py).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from go_kernel.engines import mend
from go_kernel.process import run
from tools.dev_cache import dev_cache, made_once

_FOLDER = Path(__file__).parent
_SECONDS = 1800


def go_caches(env: Mapping[str, str]) -> dict[str, str]:
    """Go's own caches, in the dev cache: shared with tests, kept between runs."""
    cache = dev_cache(env)
    return {"GOMODCACHE": str(cache / "gomodcache"), "GOCACHE": str(cache / "gocache")}


def built(
    peer: str, package: str, mended: Mapping[str, str], goroot: Path, env: Mapping[str, str]
) -> Path:
    """The folder of a peer's programs, built where the dev cache doesn't have them.

    `package` is what `go build` is asked for; `mended` are the modules that the edits
    change, by the name they call them.  Raises the errors of `process.run`, and MendFailed.
    """
    source = _FOLDER / peer
    build_env = _build_variables(goroot, env)
    digest = _digest(source, package, goroot)

    def make(folder: Path) -> None:
        work = folder.parent / "work"
        shutil.copytree(source, work)
        if mended:
            _mend(source, work, mended, build_env)
        folder.mkdir()
        argv = [f"{goroot}/bin/go", "build", "-trimpath", "-o", f"{folder}/", package]
        run(argv, env=build_env, timeout=_SECONDS, cwd=work)

    return made_once(dev_cache(env) / "bench" / f"{peer}-{digest[:16]}", make)


def _build_variables(goroot: Path, env: Mapping[str, str]) -> dict[str, str]:
    return {
        **env,
        **go_caches(env),
        "GOROOT": str(goroot),
        "PATH": f"{goroot}/bin:{env.get('PATH', '/usr/bin:/bin')}",
        "GOTOOLCHAIN": "local",
        "GOENV": "off",
        "GOWORK": "off",
        # go.sum decides, and it is committed: no checksum database is asked.
        "GOSUMDB": "off",
        "GOFLAGS": "-mod=readonly -modcacherw",
    }


def _digest(source: Path, package: str, goroot: Path) -> str:
    seen = hashlib.sha256(package.encode())
    seen.update((goroot / "VERSION").read_bytes())
    files = sorted(path for path in source.rglob("*") if path.is_file())
    for path in (*files, Path(__file__)):
        seen.update(path.name.encode() + b"\0" + path.read_bytes())
    return seen.hexdigest()


def _mend(source: Path, work: Path, mended: Mapping[str, str], env: Mapping[str, str]) -> None:
    """Copy the modules to be mended out of the module cache, mend them, build with those."""
    go = f"{env['GOROOT']}/bin/go"
    copies = {name: work / "mended" / name for name in mended}
    for name, module in mended.items():
        shutil.copytree(_downloaded(go, module, work, env), copies[name])
        for path in copies[name].rglob("*"):
            path.chmod(path.stat().st_mode | 0o200)
        replace = f"-replace={module}=./mended/{name}"
        run([go, "mod", "edit", replace], env=env, timeout=60, cwd=work)
    mend.load(source).apply(copies)


def _downloaded(go: str, module: str, work: Path, env: Mapping[str, str]) -> Path:
    argv = [go, "mod", "download", "-json", module]
    answer: dict[str, Any] = json.loads(run(argv, env=env, timeout=_SECONDS, cwd=work).stdout)
    return Path(answer["Dir"])
