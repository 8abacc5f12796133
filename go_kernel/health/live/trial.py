"""Trying `go` as a kernel of the environment would run it, in folders that go again."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from go_kernel import process, scratch
from go_kernel.health.context import Context
from go_kernel.process import Completed

# A small module without requirements, in its newest version for years.
SAMPLE = "github.com/google/uuid"
SAMPLE_VERSION = "v1.6.0"
SAMPLE_AT = f"{SAMPLE}@{SAMPLE_VERSION}"


def variables(context: Context) -> dict[str, str]:
    """The environment of a kernel, its activation scripts run; raises as `resolve.resolve`."""
    return context.activated.environment.as_dict()


@contextmanager
def kernels_folder(context: Context) -> Iterator[Path]:
    """A folder where kernels have theirs: programs run there.  Raises NoScratch."""
    own = scratch.make(context.around.scratch)
    try:
        yield own.folder
    finally:
        own.release()


@contextmanager
def empty_caches() -> Iterator[dict[str, str]]:
    """Variables that give `go` an empty module cache; what it fetches goes again."""
    with tempfile.TemporaryDirectory(prefix="gokernel-", ignore_cleanup_errors=True) as name:
        yield {
            "GOMODCACHE": f"{name}/mod",
            "GOPATH": f"{name}/path",
            "GOFLAGS": "-modcacherw",
            "GOTMPDIR": name,
            "GO111MODULE": "on",
            "GOWORK": "off",
            "GIT_TERMINAL_PROMPT": "0",
            "PWD": name,
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


def has(name: str, env: Mapping[str, str]) -> bool:
    """Whether a program is on the PATH of `env`."""
    return shutil.which(name, path=env.get("PATH", os.defpath)) is not None
