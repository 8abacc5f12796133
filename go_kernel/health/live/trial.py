"""Trying `go` as a kernel of the environment would run it, in folders that go again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from go_kernel import process, scratch, taking_back
from go_kernel.environment import GoEnvironment
from go_kernel.findings import Finding, FindingError
from go_kernel.health.context import Context
from go_kernel.offline import applied
from go_kernel.process import Completed

# A small module without requirements, in its newest version for years.
SAMPLE = "github.com/google/uuid"
SAMPLE_VERSION = "v1.6.0"
SAMPLE_AT = f"{SAMPLE}@{SAMPLE_VERSION}"
FETCHES_NOTHING = "Kernels fetch nothing here (offline)"


# A `go` that isn't the installed one is not run, and what forbids a kernel's start is said
# once: these checks are then skipped.
NEEDS = (
    "toolchain.present",
    "toolchain.hash",
    "platform.matches",
    "places.usable",
    "compiler.present",
)


def environment(context: Context) -> GoEnvironment:
    """The environment of a kernel, its activation scripts run.

    Raises as `resolve.resolve`, and FindingError where no kernel may start in it.
    """
    found = context.activated.environment
    for error in found.errors:
        raise FindingError(error)
    return found


def variables(context: Context) -> dict[str, str]:
    """The same as a process gets it; raises as `environment`."""
    return environment(context).as_dict()


def offline(context: Context) -> bool:
    """Whether the context's kernel fetches nothing; raises as `environment`."""
    environment(context)
    return context.activated.applied.offline


def of_whom(context: Context, name: str, found: Finding) -> Finding:
    """A finding about a variable's value, with whom to ask where the site set it."""
    _, origin = applied.without(environment(context).variables.get(name))
    if found.remedy is None or origin is None:
        return found
    return replace(found, remedy=taking_back.by_asking(found.remedy, name, origin))


@contextmanager
def folder(context: Context) -> Iterator[Path]:
    """An empty folder that goes again, where kernels have theirs: programs run there.

    What is left of a check whose process was killed goes at the next, or with the next
    kernel's start.  Raises NoScratch.
    """
    base = context.around.scratch
    scratch.sweep(base)
    own = scratch.make(base)
    try:
        yield own.folder
    finally:
        own.release()


@contextmanager
def empty_caches(context: Context) -> Iterator[dict[str, str]]:
    """Variables that give `go` an empty module cache; what it fetches goes again."""
    with folder(context) as place:
        yield {
            "GOMODCACHE": f"{place}/mod",
            "GOPATH": f"{place}/path",
            "GOFLAGS": "-modcacherw",
            "GOTMPDIR": str(place),
            "GO111MODULE": "on",
            "GOWORK": "off",
            "GIT_TERMINAL_PROMPT": "0",
            "PWD": str(place),
        }


def go(
    context: Context,
    arguments: Sequence[str],
    env: Mapping[str, str],
    *,
    seconds: float,
    cwd: Path | str = "/",
    check: bool = True,
) -> Completed:
    """Run the environment's `go`; raises CommandError."""
    argv = [str(context.toolchain.go), *arguments]
    return process.run(argv, env={**env, "PWD": str(cwd)}, timeout=seconds, cwd=cwd, check=check)
