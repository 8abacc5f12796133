"""A kernel's scratch folder lives exactly as long as its kernel."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from go_kernel import scratch


def test_a_living_kernels_folder_survives_a_sweep(tmp_path: Path) -> None:
    """Another kernel's start doesn't touch it."""
    own = scratch.make(tmp_path)

    assert scratch.sweep(tmp_path) == []
    assert own.folder.is_dir()

    own.release()
    assert not own.folder.exists()


def test_folders_are_private(tmp_path: Path) -> None:
    """Nobody else can look into it."""
    own = scratch.make(tmp_path / "base")

    assert own.folder.stat().st_mode & 0o777 == 0o700
    own.release()


_HOLDER = """
import sys, time
from pathlib import Path
from go_kernel import scratch
own = scratch.make(Path(sys.argv[1]), inherit=len(sys.argv) > 2)
(own.folder / "plugin.so").write_bytes(b"x")
print(own.folder, flush=True)
if len(sys.argv) > 2:
    import os
    os.execv("/bin/sleep", ["sleep", "600"])
time.sleep(600)
"""


@pytest.mark.parametrize("becomes_another_program", [False, True])
def test_a_killed_kernels_folder_goes_at_the_next_start(
    tmp_path: Path, becomes_another_program: bool
) -> None:
    """Locked while its process lives, also after an exec; swept after a kill -9."""
    more = ["exec"] if becomes_another_program else []
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path), *more], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    folder = Path(holder.stdout.readline().strip())

    assert scratch.sweep(tmp_path) == []
    assert (folder / "plugin.so").exists()

    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    assert scratch.sweep(tmp_path) == [folder]
    assert not folder.exists()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    """A sweep removes folders with our lock file only, and follows no link."""
    (tmp_path / "kernel-notes").mkdir()
    (tmp_path / "kernel-notes" / "important.txt").write_text("keep")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("keep")
    (tmp_path / "kernel-link").mkdir()
    (tmp_path / "kernel-link" / ".lock").symlink_to(tmp_path / "elsewhere" / "file")

    assert scratch.sweep(tmp_path) == []
    assert (tmp_path / "kernel-notes" / "important.txt").exists()
    assert (tmp_path / "elsewhere" / "file").exists()


def test_an_impossible_place_is_one_sentence(tmp_path: Path) -> None:
    """The error names the place and says what to do."""
    (tmp_path / "file").write_text("")

    with pytest.raises(scratch.NoScratch) as caught:
        scratch.make(tmp_path / "file" / "scratch")

    assert str(tmp_path / "file" / "scratch") in str(caught.value)
    assert "XDG_CACHE_HOME" in str(caught.value)
