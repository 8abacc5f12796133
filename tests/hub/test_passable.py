"""What runs as somebody else gets to what it needs, and to nothing else that was closed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub import passable

pytestmark = pytest.mark.skipif(bool(passable.refusal()), reason=passable.refusal())

_LOOK = """
import json, os, sys
needed, private = sys.argv[1:]
who = [os.getuid(), os.getgid(), os.getgroups()]
print(json.dumps([*who, open(needed).read(), os.path.exists(private)]))
"""


def test_needed_things_are_reached_below_closed_folders(tmp_path: Path) -> None:
    """A closed folder in a closed one; what lies beside stays hidden; the disk stays as it is."""
    closed = tmp_path / "closed"
    inner = closed / "open" / "closed-too" / "needed"
    inner.mkdir(parents=True)
    needed, private = inner / "file.txt", closed / "private.txt"
    needed.write_text("read me")
    private.write_text("secret")
    for folder in (closed, inner.parent):
        folder.chmod(0o700)

    argv = passable.command(
        [sys.executable, "-c", _LOOK, needed, private],
        uid=54321,
        needs=[inner, closed / "open"],
    )
    process = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    assert process.stderr == ""
    assert json.loads(process.stdout) == [54321, 54321, [], "read me", False]
    assert closed.stat().st_mode & 0o777 == 0o700
    assert private.read_text() == "secret"


def test_what_is_made_in_a_needed_folder_is_there_afterwards(tmp_path: Path) -> None:
    """It is the same folder, and root stays root where it is asked to."""
    home = tmp_path / "home"
    home.mkdir()

    argv = passable.command(["touch", home / "made"], uid=0, needs=[home])
    subprocess.run(argv, timeout=60, check=True)

    assert (home / "made").exists()
