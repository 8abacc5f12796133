"""What does Go read from the engine that was built?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from go_kernel import kernel_state
from go_kernel.engines import catalogue
from go_kernel.engines.store import Build
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Check, Kind, error, ok, skipped
from go_kernel.health.context import Context
from go_kernel.health.live import trial
from go_kernel.installed import Kernel

_SECONDS = 45.0
_FOR_GO = 9.0
_PRIVATE = "gokernel.engine/"


def version(context: Context) -> Iterable[Finding]:
    """Let `go version -m` read each kernel's engine, and compare with its manifest."""
    seen: set[str] = set()
    for name, one in each(context):
        build = built(one)
        if build is None:
            yield skipped(f"{one.config.engine} is not built yet.", kernel=name)
        elif build.key not in seen:
            seen.add(build.key)
            yield _read(one, name, build)


def each(context: Context) -> Iterator[tuple[str, Context]]:
    """The kernels by name, each with a context of its own; one without name where none is."""
    kernels: list[Kernel] = [one for one in context.subject.kernels if one.config is not None]
    if not kernels:
        yield "", context
    for kernel in kernels:
        yield kernel.name, context.of_kernel(kernel)


def built(context: Context) -> Build | None:
    """The engine of the context's kernel, where it is built; raises StoreUntrusted."""
    engine = catalogue.get(context.config.engine)
    return kernel_state.build_of(engine, context.activated, context.around.stores)


def _read(context: Context, name: str, build: Build) -> Finding:
    programs = [str(path) for path in build.programs]
    env = trial.variables(context)
    argv = ["version", "-m", *programs]
    said = trial.go(context, argv, env, seconds=_FOR_GO, check=False).stdout
    wrong = [*_other_go(said, programs, context.toolchain.version), *_other_sources(said, build)]
    if wrong:
        return error(
            f"The engine {build.key} is not what it should be: {wrong[0]}.",
            Remedy("Build it again."),
            evidence="\n".join(wrong),
            fix="engine.rebuild",
            kernel=name,
        )
    return ok(
        f"{context.config.engine} was built by Go {context.toolchain.version}, of the pinned "
        "modules.",
        str(build.folder),
        kernel=name,
    )


def _other_go(said: str, programs: list[str], version: str) -> Iterator[str]:
    heads = (line for line in said.splitlines() if line.startswith("/") and ": " in line)
    by = dict(line.rsplit(": ", 1) for line in heads)
    for program in programs:
        if by.get(program) != f"go{version}":
            found = by.get(program, "nothing that Go can read")
            yield f"{program} was built by {found} and not by go{version}"


def _other_sources(said: str, build: Build) -> Iterator[str]:
    """ref: https://pkg.go.dev/runtime/debug#BuildInfo.String."""
    cgo = f"CGO_ENABLED={int(build.manifest.cgo)}"
    for line in said.splitlines():
        _, what, *rest = [*line.split("\t"), "", ""]
        if what in ("mod", "dep"):
            path = rest[0].removeprefix(_PRIVATE)
            pinned = build.manifest.modules.get(path)
            # Private import paths have no versions of their own.
            if pinned is None or (path == rest[0] and pinned != rest[1]):
                yield f"{path} {rest[1]} is in it and not {pinned or 'known to its manifest'}"
        elif what == "build" and rest[0].startswith("CGO_ENABLED=") and rest[0] != cgo:
            yield f"{rest[0]} is not what its manifest says"


VERSION = Check(
    id="engine.version",
    title="The engine was built by this Go",
    run=version,
    broken_by="A store that was copied from elsewhere, or an engine that somebody replaced.",
    mended_by="Building the engine again.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
    needs=(*trial.NEEDS, "engine.intact"),
    fixes=("engine.rebuild",),
)
