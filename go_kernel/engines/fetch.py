"""An engine's pinned modules, downloaded by Go and verified by us.

go.sum decides: `go mod download` checks it for what it fetches, and since a shared
module cache may have been edited after that (Go compiles such sources without a
word), the sources are hashed again as they are copied out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from go_kernel.engines.job import Job
from go_kernel.gojson import objects
from go_kernel.offline import gohash


@dataclass(frozen=True)
class Module:
    """A module in the module cache; `sum` is go.sum's hash of its content."""

    path: str
    version: str
    folder: Path
    sum: str


def fetch(job: Job, folder: Path, work: Path) -> tuple[Module, ...]:
    """Download the modules that `folder`/go.mod pins.

    `work` is an empty folder to do it in.  Raises BuildFailed and BuildTimedOut.
    """
    pins = _pins(job, folder)
    # With go.sum, and without go.mod's requirements: only what is named is looked at,
    # not the whole module graph, whose go.mod files a small proxy needn't have.
    (work / "go.mod").write_text("module gokernel.engine/download\n\ngo 1.22\n")
    sums = (folder / "go.sum").read_text()
    (work / "go.sum").write_text(sums)
    argv = ("mod", "download", "-json", *(f"{path}@{version}" for path, version in pins.items()))
    done = job.go(argv, cwd=work, step="downloading its modules", check=False)
    entries = list(objects(done.stdout))
    errors = [str(entry["Error"]) for entry in entries if entry.get("Error")]
    if errors or done.returncode != 0 or len(entries) != len(pins):
        raise job.failed("\n".join([*errors, done.stderr]), "downloading its modules failed")
    expected = dict(_sums(sums))
    return tuple(
        Module(entry["Path"], entry["Version"], Path(entry["Dir"]), expected[entry["Path"]])
        for entry in entries
    )


def _pins(job: Job, folder: Path) -> dict[str, str]:
    done = job.go(("mod", "edit", "-json", str(folder / "go.mod")), cwd=folder, step="reading pins")
    return {entry["Path"]: entry["Version"] for entry in json.loads(done.stdout)["Require"]}


def _sums(text: str) -> Iterator[tuple[str, str]]:
    """Module paths and content hashes in a go.sum that holds one version a module."""
    for line in text.splitlines():
        path, version, value = line.split()
        if not version.endswith("/go.mod"):
            yield path, value


def hash_of(module: Module) -> str:
    """The hash of a module's files as go.sum writes it; raises OSError."""
    return gohash.of_folder(module.folder, module.path, module.version)
