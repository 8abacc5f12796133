"""Are Go sources formatted?  The environment's gofmt says so, or its gofumpt where it has one.

ref: https://github.com/mvdan/gofumpt (a stricter gofmt: what it accepts, gofmt accepts)
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel import process
from go_kernel.files import is_file
from go_kernel.findings import GoKernelError, Remedy
from go_kernel.project.checking.violation import Violation, format_of
from go_kernel.project.go import ProjectGo
from go_kernel.toolchain import Toolchain

# As many files for one process, and what it may take, in seconds.
_AT_ONCE = 200
_SECONDS = 120.0
_WRONG = re.compile(r"(?P<file>.+?):(?P<line>[0-9]+):[0-9]+: (?P<reason>.+)")


class NoFormatter(GoKernelError):
    """A Go without its gofmt."""

    id = "check.no-gofmt"

    def __init__(self, toolchain: Toolchain):
        super().__init__(
            f"{toolchain.name} has no gofmt, so that nobody can say whether sources are formatted.",
            "Reinstall it, or name another environment with --env.",
        )
        self.goroot = toolchain.goroot


@dataclass(frozen=True)
class Formatter:
    """A program that says which files it would change; `name` is gofmt or gofumpt."""

    name: str
    path: Path


def formatter(toolchain: Toolchain, prefix: Path | None) -> Formatter:
    """The environment's gofumpt, else its Go's gofmt; raises NoFormatter."""
    if prefix is not None and _is_program(prefix / "bin" / "gofumpt"):
        return Formatter("gofumpt", prefix / "bin" / "gofumpt")
    for folder in (toolchain.goroot / "bin", toolchain.go.parent):
        if _is_program(folder / "gofmt"):
            return Formatter("gofmt", folder / "gofmt")
    raise NoFormatter(toolchain)


def violations(
    folder: Path, sources: Sequence[str], chosen: Formatter, go: ProjectGo
) -> Iterator[Violation]:
    """The sources of a project that aren't formatted, or aren't Go; raises CommandError."""
    readable = []
    for name in sources:
        if os.access(folder / name, os.R_OK):
            readable.append(name)
        else:
            yield format_of("unreadable", f"{name} may not be read by this user.", name)
    # What is printed on several lines, or isn't as it was typed, can't be told by its name.
    plain = [name for name in readable if _is_plain(name)]
    for start in range(0, len(plain), _AT_ONCE):
        yield from _several(folder, plain[start : start + _AT_ONCE], chosen, go)
    for name in readable:
        if not _is_plain(name):
            yield from _several(folder, [name], chosen, go)


def _several(
    folder: Path, names: Sequence[str], chosen: Formatter, go: ProjectGo
) -> Iterator[Violation]:
    # PWD and a Go of this environment, since gofumpt asks Go which version a module is for.
    env = {**go.variables, "PWD": str(folder), "PATH": _path(go)}
    argv = [str(chosen.path), "-l", *(f"./{name}" for name in names)]
    done = process.run(argv, env=env, timeout=_SECONDS, cwd=folder, check=False)
    wrong = dict(_said(done.stderr))
    if done.returncode != 0 and not wrong:
        raise process.CommandFailed(done)
    listed = {_short(line) for line in done.stdout.splitlines()}
    for name in names:
        alone = len(names) == 1
        if name in wrong or (alone and wrong):
            line, reason = wrong.get(name) or next(iter(wrong.values()))
            said = f"{name}, line {line}, isn't Go: {reason}."
            yield format_of("go-syntax", said, name, line)
        elif name in listed or (alone and listed):
            command = f"{shlex.quote(str(chosen.path))} -w {_word(folder / name)}"
            said = f"{name} isn't formatted as {chosen.name} does it."
            yield format_of("gofmt", said, name, remedy=Remedy("Run", (command,)))


def _said(stderr: str) -> Iterator[tuple[str, tuple[int, str]]]:
    """The first thing that is wrong with each file."""
    seen = set()
    for line in stderr.splitlines():
        found = _WRONG.fullmatch(line)
        if found and (name := _short(found["file"])) not in seen:
            seen.add(name)
            yield name, (int(found["line"]), found["reason"].rstrip("."))


def _word(path: Path) -> str:
    """A path as a word of a shell; what a line can't show as it is, byte by byte.

    ref: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html (2.2.4)
    """
    text = str(path)
    if text.isprintable():
        return shlex.quote(text)
    plain = (
        chr(one) if 32 <= one < 127 and one not in b"'\\" else f"\\x{one:02x}"
        for one in os.fsencode(path)
    )
    return f"$'{''.join(plain)}'"


def _short(name: str) -> str:
    return name.removeprefix("./")


def _is_plain(name: str) -> bool:
    return name.isprintable()


def _path(go: ProjectGo) -> str:
    return os.pathsep.join([str(go.go.parent), go.variables.get("PATH", "")]).rstrip(os.pathsep)


def _is_program(path: Path) -> bool:
    return is_file(path) and os.access(path, os.X_OK)
