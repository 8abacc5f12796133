"""What tests of faults share: a project whose modules come from Athens through a bad proxy."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from go_kernel.process import run
from tests.engines.proxy import Proxy
from tests.faults import injector
from tests.faults.injector import Faulty
from tests.hub import athens

LIB, DEP, VERSION = "example.test/lib", "example.test/dep", "v1.0.0"


def module_for(fault: str) -> str:
    """A module of that fault's own: what a kernel has once, it doesn't ask for again."""
    return f"example.test/for{fault}"


@dataclass(frozen=True)
class BadDay:
    """Two projects, and the one proxy that has their modules, which can go wrong.

    `project` imports `LIB`, `notebooks` requires a module for each fault; `source` holds all.
    """

    project: Path
    notebooks: Path
    faulty: Faulty
    source: Path


@contextmanager
def bad_day(folder: Path, goroot: Path, env: Mapping[str, str]) -> Iterator[BadDay]:
    """A real Athens over a folder of modules, with a faulty proxy in front of it."""
    source = Proxy(folder / "source")
    # Large enough to be cut in the middle, and not to be packed any smaller.
    noise = Random(7).randbytes(200_000).hex()
    source.publish(DEP, VERSION, {"dep.go": "package dep\n\nconst N = 6 * 7\n", "noise": noise})
    lib = f'package lib\n\nimport "{DEP}"\n\nfunc N() int {{ return dep.N }}\n'
    source.publish(LIB, VERSION, {"lib.go": lib}, more=f"\nrequire {DEP} {VERSION}\n")
    for fault in (*injector.FAULTS, *injector.STATUSES):
        files = {"a.go": "package a\n\nconst N = 6 * 7\n", "noise": noise}
        source.publish(module_for(fault), VERSION, files)
    env = {**env, "GOPROXY": source.url}
    project = _project(folder / "project", goroot, env, [LIB])
    wanted = map(module_for, (*injector.FAULTS, *injector.STATUSES))
    notebooks = _project(folder / "notebooks", goroot, env, [*wanted])
    upstream = {**os.environ, "GOPROXY": source.url, "GOSUMDB": "off"}
    with (
        athens.running(folder / "athens", upstream) as real,
        injector.between(real.url) as faulty,
    ):
        yield BadDay(project, notebooks, faulty, source.folder)


def _project(folder: Path, goroot: Path, env: Mapping[str, str], modules: Sequence[str]) -> Path:
    folder.mkdir()
    requires = "".join(f"require {module} {VERSION}\n" for module in modules)
    (folder / "go.mod").write_text(f"module project\n\ngo 1.22\n\n{requires}")
    imports = "".join(f'import _ "{module}"\n' for module in modules)
    (folder / "main.go").write_text(f"package main\n\n{imports}\nfunc main() {{}}\n")
    more = {"GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw"}
    cache = {"GOMODCACHE": str(folder.parent / "tidied")}
    run([goroot / "bin/go", "mod", "tidy"], env={**env, **more, **cache}, timeout=120, cwd=folder)
    return folder
