"""Is every file of Go the one that conda installed?

A changed file of the standard library is compiled into everything, and nobody notices.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from go_kernel import digests
from go_kernel.conda.records import go_record
from go_kernel.files import is_file, is_forbidden, read_json
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Check, Kind, error, ok, skipped, unknown, warn
from go_kernel.health.context import Context

_SECONDS = 60.0
_TO_FINISH = 5.0
# Hashing gives the interpreter free, and waits for the disk.
_AT_ONCE = 4
_NAMED = 20
_UNREADABLE = "can't be read"


@dataclass(frozen=True)
class Recorded:
    """A file as conda's record has it; "" where it holds no hash."""

    path: Path
    sha256: str


def files(context: Context) -> Finding:
    """Hash all files of the package that brought `go`, and look for Go files that it didn't."""
    prefix = context.target.prefix
    if prefix is None:
        return skipped("Outside of conda nobody has written down what Go's files should be.")
    recorded = _recorded(prefix, context)
    if not recorded:
        return skipped(f"Conda has no record of the Go in {prefix}.")
    context.progress(f"hashing {len(recorded)} files of Go in {prefix}")
    deadline = time.monotonic() + _SECONDS - _TO_FINISH
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        verdicts = list(pool.map(lambda one: _verdict(one, deadline), recorded))
    told = [(one.path, said) for one, said in zip(recorded, verdicts, strict=True) if said]
    unread = [str(path) for path, said in told if said == _UNREADABLE]
    wrong = [f"{path}: {said}" for path, said in told if said != _UNREADABLE]
    hashed = sum(said is not None for said in verdicts) - len(unread)
    wrong += [f"{path}: not from the package" for path in _added(context, recorded)]
    return _told(prefix, wrong, unread, hashed, len(recorded))


def _told(prefix: Path, wrong: list[str], unread: list[str], hashed: int, total: int) -> Finding:
    count = f"{hashed} of {total} files hashed"
    if wrong:
        what = "a file of Go is" if len(wrong) == 1 else f"{len(wrong)} files of Go are"
        return error(
            f"In {prefix} {what} not what conda installed: what is compiled with it can't be "
            "trusted.",
            Remedy(
                "Reinstall Go in that environment",
                (f"conda install -p {quote(str(prefix))} --force-reinstall go",),
            ),
            evidence="\n".join([*wrong[:_NAMED], f"({len(wrong)} in all; {count})"]),
        )
    if unread:
        return warn(
            f"In {prefix} {len(unread)} of Go's {total} files can't be read: what needs them can't "
            "be compiled, and nobody knows whether they are as conda installed them.",
            Remedy("Ask the environment's owner for the right to read it."),
            evidence="\n".join([*unread[:_NAMED], f"({len(unread)} in all; {count})"]),
        )
    if hashed < total:
        return unknown(f"In time only {hashed} of {total} files of Go could be hashed; all right.")
    return ok(f"All {total} files of Go in {prefix} are those that conda installed.")


def _recorded(prefix: Path, context: Context) -> list[Recorded]:
    record = go_record(prefix, context.around.cache)
    if record is None:
        return []
    name = f"{record.package}-{record.version}-{record.build}.json"
    content: Any = read_json(prefix / "conda-meta" / name)
    listed = content.get("paths_data") if isinstance(content, dict) else None
    paths = listed.get("paths") if isinstance(listed, dict) else None
    return [*_entries(prefix, paths if isinstance(paths, list) else [])]


def _entries(prefix: Path, paths: list[Any]) -> Iterator[Recorded]:
    for entry in paths:
        if not isinstance(entry, dict) or not isinstance(entry.get("_path"), str):
            continue
        link = entry.get("path_type") == "softlink"
        sha256 = entry.get("sha256_in_prefix") or entry.get("sha256") or ""
        yield Recorded(prefix / entry["_path"], "" if link else str(sha256))


def _verdict(one: Recorded, deadline: float) -> str | None:
    """What is wrong with a file, "" for nothing; None where the time was up."""
    if time.monotonic() >= deadline:
        return None
    if is_forbidden(one.path):
        return _UNREADABLE
    if not os.path.lexists(one.path):
        return "missing"
    if not one.sha256:
        return ""
    if not is_file(one.path):  # reading a named pipe would wait for ever
        return "no file"
    try:
        return "" if digests.sha256(one.path) == one.sha256 else "changed"
    except PermissionError:
        return _UNREADABLE
    except OSError as error:
        return error.strerror or "can't be read"


def _added(context: Context, recorded: list[Recorded]) -> list[Path]:
    """What lies among the standard library's sources, and Go would compile with them."""
    src = context.toolchain.goroot / "src"
    known = {os.path.realpath(one.path.parent) + "/" + one.path.name for one in recorded}
    found = []
    for folder, _, names in os.walk(os.path.realpath(src)):
        paths = [f"{folder}/{name}" for name in names if name.endswith((".go", ".s"))]
        found += [Path(path) for path in paths if path not in known]
    return sorted(found)


FILES = Check(
    id="toolchain.files",
    title="All of Go's files are as conda installed them",
    run=files,
    broken_by="Somebody changed, added or removed a file of Go; a disk lost one.",
    mended_by="Reinstalling the package `go`.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
)
