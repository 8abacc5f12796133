"""From pinned modules to a folder that holds a working engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from go_kernel import digests
from go_kernel._version import __version__
from go_kernel.engines import exports, licences, sources
from go_kernel.engines.fetch import fetch
from go_kernel.engines.job import Job
from go_kernel.engines.keys import build_flags, sources_digest
from go_kernel.engines.linking import linker_flags
from go_kernel.engines.manifest import Manifest

EXPORTS = "exports"
# How often a long step says that it goes on, in seconds.
_TICK = 0.5


def compile_engine(job: Job, key: str, go_hash: str, work: Path) -> Path:
    """Build an engine inside the empty folder `work`; gives the folder in it to keep.

    Raises BuildFailed, BuildTimedOut, MendFailed and OSError.
    """
    engine, toolchain = job.engine, job.toolchain
    names = ("download", "module", "result", "tmp")
    download, module, result, temporary = (work / name for name in names)
    for folder in (download, module, result / "bin", temporary):
        folder.mkdir(parents=True)
    job = job.working_in(temporary)
    job.progress(f"Downloading the sources of {engine.display_name}")
    modules = fetch(job, engine.folder, download)
    sources.assemble(job, modules, engine.folder, module)
    job.progress(f"Compiling {engine.display_name} with Go {toolchain.version}")
    programs = {program: result / "bin" / program.name for program in engine.programs}
    for program, path in programs.items():
        _go_build(job, module, program.package, path)
    executable, *beside = programs.values()
    if engine.prepared_exports:
        job.progress("Preparing the standard library")
        exports.prepare(job, module, result / EXPORTS)
    job.progress(f"Trying {engine.display_name}")
    for program, path in programs.items():
        _try(job, (str(path), *program.trial), result / EXPORTS, work)
    licences.collect(engine, modules, toolchain, result / "licenses")
    Manifest(
        key=key,
        engine=engine.name,
        go_version=toolchain.version,
        goroot=str(toolchain.goroot),
        go_sha256=go_hash,
        platform=f"{toolchain.goos}/{toolchain.goarch}",
        cgo=job.variables.get("CGO_ENABLED") == "1",
        flags=tuple(build_flags(job.variables)),
        modules={module.path: module.version for module in modules},
        sources_digest=sources_digest(engine.folder),
        executable=str(executable.relative_to(result)),
        beside={str(path.relative_to(result)): digests.sha256(path) for path in beside},
        std_exports=EXPORTS if engine.prepared_exports else "",
        size=executable.stat().st_size,
        sha256=digests.sha256(executable),
        built_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        seconds=round(job.seconds, 1),
        made_by=f"jupyter-gokernel {__version__}",
    ).write(result)
    _close(result)
    return result


def _go_build(job: Job, module: Path, package: str, executable: Path) -> None:
    # -v names each package as it is compiled: the only sign of progress there is.
    flags = ["-v", "-trimpath", "-buildvcs=false"]
    flags += linker_flags(build_flags(job.variables), job.toolchain.release)
    job.go(
        ("build", *flags, "-o", str(executable), package),
        cwd=module,
        step="compiling",
        on_line=_counting(job),
    )


def _counting(job: Job) -> Callable[[str], None]:
    count, last = 0, time.monotonic()

    def on_line(line: str) -> None:
        nonlocal count, last
        count += 1
        now = time.monotonic()
        if now - last >= _TICK:
            last = now
            job.progress(f"Compiling {job.engine.display_name}: {count} packages, {line}")

    return on_line


def _try(job: Job, argv: Sequence[str], prepared: Path, work: Path) -> None:
    """Find out now, not in a notebook, when a kernel compiles but doesn't start."""
    if len(argv) == 1:
        return
    more = {"GOKERNEL_STD_EXPORTS": str(prepared)} if job.engine.prepared_exports else {}
    job.run(
        argv,
        {**job.variables, **job.engine.variables, **more},
        cwd=work,
        step="its first start",
    )


def _close(folder: Path) -> None:
    """Take from everybody else the right to write, whatever the umask is."""
    for path in (folder, *folder.rglob("*")):
        executable = path.is_dir() or path.parent == folder / "bin"
        path.chmod(0o755 if executable else 0o644)
