"""The compilers of cgo that the environment's packages don't bring: a system's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from go_kernel import goflags, process
from go_kernel.digests import sha256
from go_kernel.process import CommandError
from go_kernel.project.go import ProjectGo
from go_kernel.project.snapshot.model import Compiler

_SECONDS = 20.0


def of(
    go: ProjectGo, said: Mapping[str, str], used: Iterable[str], prefix: Path | None
) -> tuple[Compiler, ...]:
    """The compilers that the variables `used` name (CC, CXX, FC); `said` are their values.

    What is in `prefix` is left out: its package has a hash.  Each is asked for its version.
    """
    return tuple(_found(go, said, sorted(used), prefix))


def _found(
    go: ProjectGo, said: Mapping[str, str], used: list[str], prefix: Path | None
) -> Iterator[Compiler]:
    for name in used:
        words = goflags.split(said.get(name, ""))
        path = shutil.which(words[0], path=go.variables.get("PATH", "")) if words else None
        if path is None:  # Go says so where it needs it
            continue
        program = Path(os.path.realpath(path))
        if prefix is None or not program.is_relative_to(os.path.realpath(prefix)):
            yield Compiler(name, _version(go, [path, *words[1:]]), _digest(program))


def _version(go: ProjectGo, command: list[str]) -> str:
    try:
        done = process.run([*command, "--version"], env=go.variables, timeout=_SECONDS)
    except CommandError:
        return ""
    return next((line.strip() for line in done.stdout.splitlines() if line.strip()), "")


def _digest(program: Path) -> str:
    try:
        return sha256(program)
    except OSError:
        return ""
