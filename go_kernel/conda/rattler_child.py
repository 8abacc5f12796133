"""The only place where py-rattler runs: a short process that solves, installs and leaves.

A process of its own, because
- rattler reads proxies, certificates and caches from the process's environment, and
  ours comes in as a parameter;
- callers may have an event loop running (a notebook, a server), and Ctrl-C has to end
  the native threads too;
- about one in ten processes that ran an install crash while Python shuts down, after
  the work is done: native threads then still touch Python objects.  So this one
  flushes and leaves by `os._exit`, which a caller's process could never do.
  ref: https://github.com/PyO3/pyo3-async-runtimes/issues/40

In: one JSON object as argument.  Out: one JSON object on stdout, either `packages` and
`umask` or `error` (the exception's class) and `message`; lines of progress on stderr.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from go_kernel.conda.registration import without_secrets
from go_kernel.files import write_json

_LOOK_SECONDS = 0.2


def main(request: str) -> NoReturn:
    """Do what `request` says, answer on stdout, and leave without Python's shutdown."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    try:
        answer = asyncio.run(_create(**json.loads(request)))
    except _Unsolvable as error:
        answer = {"error": "SolverError", "message": str(error), "versions": error.versions}
    except Exception as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _end_with(parent: int) -> None:
    """End as soon as whoever started this was killed: who comes next may begin anew at once."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


async def _create(
    prefix: str, specs: list[str], channels: list[str], package_cache: str | None
) -> dict[str, Any]:
    from rattler import Channel, Gateway, MatchSpec, VirtualPackage, install, solve
    from rattler.exceptions import SolverError

    named = {Channel(channel).base_url: channel for channel in channels}
    wanted = [MatchSpec(spec) for spec in specs]
    _say(f"Solving for {', '.join(specs)}")
    sources = [Channel(channel) for channel in channels]
    gateway = Gateway()
    try:
        records = await solve(
            sources, wanted, gateway=gateway, virtual_packages=VirtualPackage.detect()
        )
    except SolverError as error:
        raise _Unsolvable(str(error), await _versions(gateway, sources, specs)) from error
    await install(
        records,
        prefix,
        cache_dir=Path(package_cache) if package_cache else None,
        reporter=_Reporter(),
        # py-rattler 0.28 hands these on without unwrapping its own class.
        requested_specs=[spec._match_spec for spec in wanted],
    )
    return {
        "umask": _share_records(Path(prefix)),
        "packages": [
            {
                "name": record.name.normalized,
                "version": str(record.version),
                "build": str(record.build),
                "channel": without_secrets(named.get(record.channel, record.channel)).rstrip("/"),
                "subdir": record.subdir,
            }
            for record in records
        ],
    }


class _Unsolvable(Exception):
    """The solver's words, and the versions of the wanted packages that there are."""

    def __init__(self, message: str, versions: list[str]):
        super().__init__(message)
        self.versions = versions


async def _versions(gateway: Any, sources: list[Any], specs: list[str]) -> list[str]:
    """The versions of the first wanted package, newest first; the solver has read the index."""
    from rattler import MatchSpec, Platform

    name = re.match(r"[\w.-]+", specs[0])
    platforms: Any = [str(Platform.current()), "noarch"]
    try:
        every = MatchSpec(name[0] if name else "")
        found = await gateway.query(sources, platforms, [every], recursive=False)
    except Exception:  # the solver's own words matter more
        return []
    versions = {str(record.version): record.version for records in found for record in records}
    return sorted(versions, key=lambda version: versions[version], reverse=True)


def _share_records(prefix: Path) -> int:
    """Let others read the records, as conda does: rattler writes them for the owner only.

    Since rattler keeps a channel's password or token in the package's URL, that goes
    first.  Gives back the umask, which can only be read by setting it: safe in a
    process of one's own.
    """
    umask = os.umask(0o077)
    os.umask(umask)
    for path in (prefix / "conda-meta").glob("*.json"):
        record = json.loads(path.read_bytes())
        shown = {key: without_secrets(record[key]) for key in ("url", "channel") if key in record}
        if shown.items() <= record.items():
            path.chmod(0o666 & ~umask)
        else:
            write_json(path, record | shown, mode=0o666 & ~umask)
    return umask


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class _Reporter:
    """Turns rattler's callbacks into lines; tokens tell which package one is about."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._tenths: dict[int, int] = {}

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        self._names[operation] = package_name
        return operation

    def on_download_start(self, cache_entry: int) -> int:
        return cache_entry

    def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:
        tenth = progress * 10 // total if total else 0
        if tenth > self._tenths.get(download_idx, 0):
            self._tenths[download_idx] = tenth
            _say(f"Downloading {self._names.get(download_idx, 'packages')}: {tenth * 10} %")

    def on_link_start(self, operation: int, package_name: str) -> int:
        _say(f"Installing {package_name}")
        return operation

    def __getattr__(self, name: str) -> Any:
        # The other callbacks of the protocol: nothing to say.
        if name.startswith("on_"):
            return lambda *_: 0
        raise AttributeError(name)
