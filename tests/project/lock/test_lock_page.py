"""docs/lock.md: its files are written, its commands typed, and what they print is compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import conda_locks
from tests.conftest import CondaPrefix
from tests.offline import transcript
from tests.offline.machine import Machine
from tests.offline.transcript import without_chance

PAGE = Path(__file__).parents[3] / "docs" / "lock.md"
_FILE = re.compile(r"(?s)<!-- file: (\S+) -->\n```\w+\n(.*?)```")


@pytest.fixture(scope="module")
def machine(conda_prefix: CondaPrefix, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Somebody's machine with the environment `demo`, whose `go` is on PATH."""
    prefix = conda_prefix("go=1.26", name="demo")
    there = Machine(tmp_path_factory.mktemp("lock"))
    env = {
        "CONDA_ENVS_DIRS": str(prefix.parent),
        "PATH": f"{there.python}:{prefix}/bin:/usr/bin:/bin",
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
    }
    return Machine(there.folder, env, online=True)


def project(machine: Machine, page: str) -> Path:
    """The files of the page, and a lock file that conda-lock wrote."""
    folder = machine.home / "invoices"
    folder.mkdir(parents=True)
    for name, text in _FILE.findall(page):
        (folder / name).write_text(text)
    versions = {"go": "1.26.8", "sqlite": "3.45.1", "gofumpt": "0.6.0"}
    packages = [conda_locks.package(name, version) for name, version in versions.items()]
    conda_locks.ask({folder / "conda-lock.yml": conda_locks.content(packages)})
    return folder


def solved(folder: Path, old: str, new: str) -> None:
    """What a new solve changes in the lock file, as far as it matters here."""
    lock = folder / "conda-lock.yml"
    entries = lock.read_text().partition("\npackage:")
    lock.write_text("".join([*entries[:2], entries[2].replace(old, new)]))


def test_transcripts_in_the_docs(machine: Machine) -> None:
    """Each command prints what the page shows."""
    page = PAGE.read_text()
    folder = project(machine, page)
    told, came, typed = [], [], ""
    between = {
        "solved": ("0.6.0", "0.7.0"),
        "after": None,
        "conda": ("0.7.0", "0.7.1"),
    }
    for name in re.findall(r"<!-- transcript: (\w+) -->", page):
        if name == "conda":
            solved(folder, "3.45.1", "3.46.1")
            asked = folder / "environment.yml"
            asked.write_text(asked.read_text().replace("gofumpt=0.7.0", "gofumpt=0.7"))
        if change := between.get(name):
            solved(folder, *change)
        for step in transcript.steps(page, name):
            printed = machine.sh(step.command, folder).replace(str(machine.home), "/home/ada")
            printed = printed.replace(machine.env["CONDA_ENVS_DIRS"], "/home/ada/.conda/envs")
            told += without_chance(step.printed)
            came += without_chance(printed)
            typed += f"[{name}]\n$ {step.command}\n{printed}"
    assert told == came, f"\n{typed}"
