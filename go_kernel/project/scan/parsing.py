"""Many go.mod and go.work files read by Go's own parser.

A `go mod edit -json` takes 5 to 15 ms and reads one file.  For many files a program is built,
once for each Go, of the parser that this very `go` is built of: see `program.py`.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from go_kernel import process
from go_kernel.project.go import ProjectGo
from go_kernel.project.scan import plainly
from go_kernel.project.scan.model import Unread

_SECONDS = 120.0
# What is told of an error, in characters: Go repeats the word that it doesn't know, however long.
_SAID = 400
# A go command uses a core and a bit.
_AT_ONCE = min(8, (os.cpu_count() or 1) + 1)

Content = Mapping[str, Any]


def parse(
    go: ProjectGo, program: Path | None, files: Sequence[Path]
) -> dict[Path, Content | Unread]:
    """What each file holds, or why that can't be said; by `program` where there is one."""
    if program is not None:
        with suppress(process.CommandError, ValueError, OSError):
            return _at_once(go, program, files)
    with ThreadPoolExecutor(_AT_ONCE, "gokernel-scan") as pool:
        return dict(zip(files, pool.map(lambda file: _alone(go, file), files), strict=True))


def _at_once(go: ProjectGo, program: Path, files: Sequence[Path]) -> dict[Path, Content | Unread]:
    """All files through one process; raises CommandError and ValueError where it fails."""
    found: dict[Path, Content | Unread] = {}
    with tempfile.TemporaryFile() as stream:
        asked = [file for file in files if _put(stream, file, found)]
        stream.seek(0)
        argv = [str(program)]
        env = go.variables
        done = process.run(argv, env=env, timeout=_SECONDS, cwd="/", stdin=stream.fileno())
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    for file, answer in zip(asked, answers, strict=True):
        error = answer.get("Error")
        found[file] = _unread(str(error)) if error else answer
    return found


def _put(stream: IO[bytes], file: Path, found: dict[Path, Content | Unread]) -> bool:
    data = plainly.content(file)
    if isinstance(data, Unread):
        found[file] = data
        return False
    stream.write(f"{_verb(file)} {len(data)}\n".encode())
    stream.write(data)
    return True


def _alone(go: ProjectGo, file: Path) -> Content | Unread:
    """One file by one process: of a copy, which is plain and small and stays as it is."""
    data = plainly.content(file)
    if isinstance(data, Unread):
        return data
    with tempfile.TemporaryDirectory(prefix="gokernel-scan-") as folder:
        copy = Path(folder, file.name)
        copy.write_bytes(data)
        try:
            return go.json(Path(folder), _verb(file), "edit", "-json", file.name)
        except process.CommandError as problem:
            said = problem.output.replace(f"{folder}/", "") or problem.summary
            return _unread(said.removeprefix("go: ").strip())


def _unread(said: str) -> Unread:
    """Why Go can't read a file, from its words: `go.mod:3: unknown directive: x`."""
    lines = [line for line in said.splitlines() if line.startswith(("go.mod:", "go.work:"))]
    first = (lines or said.splitlines() or ["it said nothing"])[0]
    where, _, what = first.partition(": ")
    line = where.split(":")[1:2]
    reason = f"line {line[0]}: {what}" if what and line and line[0].isdigit() else first
    return Unread(reason[:_SAID].rstrip("."), said[:_SAID])


def _verb(file: Path) -> str:
    return "work" if file.name == "go.work" else "mod"
