"""`goroot.repair`: a file that gives terminals a wrong GOROOT.

Kernels take no notice of it, but a `go` in a terminal does: in a package's variables
and in conda's own the value becomes this environment's; `go env -w`'s is taken out,
because it holds for all environments.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel import goenv
from go_kernel.conda import static
from go_kernel.files import read_json, writable, write_atomic, write_json
from go_kernel.findings import Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan, PlanChanged
from go_kernel.health.fixes.doing import changing

_ID = "goroot.repair"
_LINE = b"GOROOT="


@dataclass(frozen=True)
class _Wrong:
    """A file that is ours, the wrong value in it, and how to write it without."""

    file: Path
    value: str
    step: str
    rewrite: Callable[[], None]


def plan(context: Context) -> Plan | None:
    """The files of ours that set another GOROOT; raises as `find_toolchain` does."""
    if context.subject.target is None:
        return None
    wrong = [*_wrong(context)]
    if not wrong:
        return None
    return Plan([one.step for one in wrong], lambda: _repair(wrong, context))


def _repair(wrong: list[_Wrong], context: Context) -> None:
    for one in wrong:
        with changing(context, one.file):
            if one not in _wrong(context):
                raise PlanChanged(_ID)
            one.rewrite()


def _wrong(context: Context) -> Iterator[_Wrong]:
    goroot, prefix = context.toolchain.goroot, context.target.prefix
    for file in static.files(prefix) if prefix else ():
        if prefix and _is_in(prefix, file):
            yield from _in_json(file, goroot)
    gos = goenv.user_file(context.env)
    value = goenv.read(gos).get("GOROOT", "")
    if gos and _is_ours(gos) and value and not _same(value, goroot):
        step = f"Take GOROOT={value} out of {gos} (as `go env -u GOROOT` does)."
        yield _Wrong(gos, value, step, _Without(gos))


def _in_json(file: Path, goroot: Path) -> Iterator[_Wrong]:
    content = read_json(file)
    for name, value in _variables(content, file).items():
        sets = name.upper() == "GOROOT" and isinstance(value, str) and value != "***unset***"
        if sets and _is_ours(file) and not _same(value, goroot):
            step = f"In {file}, set {name} to {goroot} instead of {value}."
            yield _Wrong(file, value, step, _With(file, name, str(goroot)))


def _variables(content: Any, file: Path) -> dict[str, Any]:
    """The variables in a package's file, or in conda's own, where they are one level down."""
    if isinstance(content, dict) and file.parent.name == "conda-meta":
        content = content.get("env_vars")
    return content if isinstance(content, dict) else {}


@dataclass(frozen=True)
class _With:
    """Write a JSON file with another value.

    A new file takes its place: the old one may be a hard link into conda's package
    cache, and then belongs to other environments, too.
    """

    file: Path
    name: str
    value: str

    def __call__(self) -> None:
        content = json.loads(self.file.read_bytes())
        _variables(content, self.file)[self.name] = self.value
        write_json(self.file, content, mode=stat.S_IMODE(self.file.stat().st_mode))


@dataclass(frozen=True)
class _Without:
    """Write Go's own file without its GOROOT, every other byte as it is."""

    file: Path

    def __call__(self) -> None:
        lines = self.file.read_bytes().splitlines(keepends=True)
        kept = b"".join(line for line in lines if not line.startswith(_LINE))
        write_atomic(self.file, kept, mode=stat.S_IMODE(self.file.stat().st_mode))


def _same(value: str, goroot: Path) -> bool:
    return os.path.realpath(value) == os.path.realpath(goroot)


def _is_in(prefix: Path, file: Path) -> bool:
    """Whether a file is truly in its environment: no link on the way leads to another."""
    inside = Path(os.path.realpath(prefix), file.relative_to(prefix))
    return os.path.realpath(file) == str(inside)


def _is_ours(file: Path) -> bool:
    """Whether it is a file of our own that can be replaced; a link's target is not."""
    try:
        status = file.lstat()
    except OSError:
        return False
    own = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
    return own and os.access(file, os.R_OK | os.W_OK) and writable(file.parent)


FIX = FixKind(
    id=_ID,
    title="Set the GOROOT right",
    risk=Risk.MEDIUM,
    plan=plan,
    recheck=("toolchain.goroot",),
)
