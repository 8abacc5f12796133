"""What conda writes down about an environment: its history, and that it exists.

Installers other than conda leave both out, and then `conda list --revisions`,
`conda env export --from-history` and `conda env list` have nothing to show.
ref: https://github.com/conda/ceps/pull/124 (structure of environments)
ref: https://github.com/conda/conda/blob/main/conda/history.py
ref: https://github.com/conda/conda/blob/main/conda/core/envs_manager.py
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from go_kernel._version import __version__
from go_kernel.files import write_atomic
from go_kernel.findings import Finding, Remedy, Status


@dataclass(frozen=True)
class InstalledPackage:
    """One package of an environment; `channel` is a name or a URL without secrets."""

    name: str
    version: str
    build: str
    channel: str
    subdir: str

    def __str__(self) -> str:
        """The way conda's history writes it."""
        return f"{self.channel}/{self.subdir}::{self.name}-{self.version}-{self.build}"


def without_secrets(text: str) -> str:
    """The same text, with passwords and access tokens cut out of the URLs in it."""
    return re.sub(r"(://)[^/@\s]*@|/t/[^/\s]+(?=/)", r"\1", text)


def write_history(
    prefix: Path,
    command: str,
    specs: Sequence[str],
    packages: Sequence[InstalledPackage],
    mode: int,
) -> None:
    """Write `conda-meta/history` of a new environment: what was asked for, what came of it."""
    lines = [
        f"==> {time.strftime('%Y-%m-%d %H:%M:%S')} <==",
        f"# cmd: {command}",
        # Not "conda version": conda refuses to look further when that one is newer than it.
        f"# jupyter-gokernel version: {__version__}",
        *sorted(f"+{package}" for package in packages),
        f"# update specs: {[without_secrets(spec) for spec in specs]!r}",
    ]
    write_atomic(prefix / "conda-meta" / "history", "\n".join(lines) + "\n", mode=mode)


def register(prefix: Path, env: Mapping[str, str]) -> Finding | None:
    """Add `prefix` to the list of environments in the HOME of `env`.

    Gives back a warning where that can't be done: the environment is none the worse.
    """
    listing = Path(env.get("HOME", "")) / ".conda" / "environments.txt"
    try:
        if not listing.is_absolute():
            raise OSError(0, "HOME is not set")
        listing.parent.mkdir(parents=True, exist_ok=True)
        _append_line(listing, str(prefix))
    except OSError as error:
        return Finding(
            id="create.unregistered",
            status=Status.WARN,
            summary=f"{prefix} could not be added to {listing}: {error.strerror}.",
            remedy=Remedy("Name the environment by its path, or add the line yourself."),
            environment=str(prefix),
        )
    return None


def unregister(prefix: Path, env: Mapping[str, str]) -> None:
    """Take `prefix` out of that list, as far as it may be written; conda passes over the dead."""
    listing = Path(env.get("HOME", "")) / ".conda" / "environments.txt"
    gone = os.fsencode(prefix)
    with suppress(OSError), listing.open("r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        lines = stream.read().splitlines(keepends=True)
        kept = [line for line in lines if line.strip() != gone]
        if kept != lines:
            stream.seek(0)
            stream.writelines(kept)
            stream.truncate()


def _append_line(listing: Path, line: str) -> None:
    with listing.open("a+b") as stream:
        # The file itself is locked: a lock beside it would stay in the user's folder.
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        present = stream.read()
        wanted = line.encode("utf-8", "surrogateescape")
        if wanted in (known.strip() for known in present.splitlines()):
            return
        missing_end = b"\n" if present and not present.endswith(b"\n") else b""
        stream.write(missing_end + wanted + b"\n")
