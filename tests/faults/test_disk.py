"""Disks that are full, archives that were damaged on the way: a sentence, and nothing half-made."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from tests.cli.conftest import CommandLine
from tests.faults import left
from tests.faults.badday import BadDay
from tests.faults.table import ARCHIVES, DISKS, Row

# The command on a small file system at a folder, what it left there, and once more with room.
_SMALL = """
import contextlib, ctypes, io, json, os, sys
from go_kernel.cli.main import main
from tests.hub import mounts
place, options, *words = sys.argv[1:]
mounts.enter_namespace()
def mount(flags, data):
    assert ctypes.CDLL(None).mount(b"t", place.encode(), b"tmpfs", flags, data.encode()) == 0
def run():
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    found = [os.path.join(base, name) for base, folders, names in os.walk(place)
             for name in (*names, *folders)]
    return {"code": code, "out": out.getvalue(), "err": err.getvalue(), "left": found}
mount(0, options)
first = run()
mount(32, "size=100m,nr_inodes=10000")
print(json.dumps([first, run()]))
"""


def plain(said: str, line: CommandLine, day: BadDay) -> str:
    """What was said on one line, with words in place of what differs from run to run."""
    said = said.replace(str(line.cwd.parent), "/ada")
    said = re.sub(r"\d+ [kM]B", "N MB", " ".join(said.split()))
    said = said.rpartition("Error: ")[2].removesuffix("(With --debug the whole output is shown.)")
    return said.replace(str(day.project), "DIR").strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
@pytest.mark.parametrize("row", DISKS, ids=lambda row: row.fault)
def test_a_full_disk_gives_its_sentence(
    day: BadDay, line: CommandLine, words: list[str], row: Row
) -> None:
    """Nothing is left on it, and the rerun works once there is room."""
    name, options = row.fault.split()
    if name == "bundles":
        assert line(*words).code == 0
        words = ["bundle", "use", "b"]
    argv = [sys.executable, "-c", _SMALL, line.cwd.parent / name, options, *words]
    done = subprocess.run(argv, env=line.env, cwd=line.cwd, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    first, again = json.loads(done.stdout)
    assert first["code"] == 1
    assert plain(first["err"], line, day) == f"{row.gave}. {row.remedy}"
    assert [path for path in first["left"] if not _may_stay(path)] == []
    assert again["code"] == 0, again["err"]


def _may_stay(path: str) -> bool:
    """Our cache's own folders and what was remembered there, a store's lock."""
    return path.endswith(("/jupyter-gokernel", "/bundling", "/.lock")) or "/cache/" in path


def damaged(content: bytes, fault: str) -> bytes:
    """An archive as it may come off a stick, or as somebody meant it to be."""
    middle = len(content) // 2
    return {
        "half": content[:middle],
        "altered": content[:middle] + b"\xff" * 64 + content[middle + 64 :],
        "more": content + b"more",
        "empty": b"",
        "page": b"<!doctype html><title>Log in</title>\n" * 9,
    }[fault]


@pytest.mark.parametrize("row", ARCHIVES, ids=lambda row: row.fault)
def test_a_damaged_archive_gives_its_sentence(
    day: BadDay, line: CommandLine, words: list[str], row: Row
) -> None:
    """`use` and `verify` say so; nothing of it is used, and the whole one works then."""
    assert line(*words).code == 0
    archive = line.cwd / "b"
    whole = archive.read_bytes()
    archive.write_bytes(damaged(whole, row.fault))
    done = line("bundle", "use", "b")
    assert done.code == 1
    assert plain(done.err, line, day) == f"{row.gave}. {row.remedy}"
    assert line("bundle", "verify", "b").code == 1
    assert left.in_use(line) == 0
    assert left.by_use(line) == []
    archive.write_bytes(whole)
    assert line("bundle", "use", "b").code == 0
    assert left.in_use(line) == 1
