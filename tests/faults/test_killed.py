"""Commands that are killed in the middle: nothing of theirs counts, and the next run cleans up."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from tests.cli.conftest import CommandLine
from tests.faults import left
from tests.faults.badday import DEP, VERSION, BadDay
from tests.faults.table import KILLED

ZIP = f"{DEP}/@v/{VERSION}.zip"

# The real command, which gets SIGKILL when it is about to do something.
# ref: https://docs.python.org/3/library/audit_events.html
_KILLED = """
import os, signal, sys
event, part = sys.argv[1:3]
from go_kernel.cli.main import main
def hook(seen, arguments):
    if seen == event and any(part in str(one) for one in arguments):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
sys.exit(main(sys.argv[3:]))
"""


def kill_at(line: CommandLine, event: str, part: str, *words: str) -> None:
    """Run a command until it is killed at the first such event with `part` in its arguments."""
    argv = [sys.executable, "-c", _KILLED, event, part, *words]
    done = subprocess.run(argv, env=line.env, cwd=line.cwd, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@contextmanager
def hanging(line: CommandLine, day: BadDay, words: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The command, while it waits for the second half of a zip; all of it ends with the block."""
    day.faulty("hang", ZIP)
    with subprocess.Popen(
        line.argv(*words), env=line.env, cwd=line.cwd, stderr=subprocess.PIPE
    ) as process:
        try:
            assert day.faulty.hanging.wait(60)
            below = psutil.Process(process.pid).children(recursive=True)
            yield process
        finally:
            process.kill()
            for one in below:
                with suppress(psutil.NoSuchProcess):
                    one.kill()


def test_create_is_killed_while_it_downloads(
    day: BadDay, line: CommandLine, words: list[str]
) -> None:
    """No bundle is there; the next run works, and what the killed one left is gone."""
    with hanging(line, day, words) as process:
        process.kill()
        process.wait()
    _comes_out_well(day, line, words)


@pytest.mark.parametrize("fault", [row.fault for row in KILLED[1:4]])
def test_create_is_killed_later(
    day: BadDay, line: CommandLine, words: list[str], fault: str
) -> None:
    """As above; up to the last moment the bundle isn't there at all."""
    kill_at(line, *fault.split(), *words)
    _comes_out_well(day, line, words)


def _comes_out_well(day: BadDay, line: CommandLine, words: list[str]) -> None:
    assert not (line.cwd / "b").exists()
    assert left.by_create(line)
    day.faulty("")
    assert line(*words).code == 0
    assert line("bundle", "verify", "b").code == 0
    assert left.by_create(line) == []


def test_create_is_interrupted(day: BadDay, line: CommandLine, words: list[str]) -> None:
    """Ctrl-C: nothing is left at once, programs that it started included."""
    with hanging(line, day, words) as process:
        below = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
        assert not psutil.wait_procs(below, timeout=30)[1]
    assert not (line.cwd / "b").exists()
    assert left.by_create(line) == []


@pytest.mark.parametrize("fault", [row.fault for row in KILLED[5:]])
def test_use_is_killed(day: BadDay, line: CommandLine, words: list[str], fault: str) -> None:
    """Kernels use no half of a bundle; the next run works and takes away what was left."""
    assert line(*words).code == 0
    kill_at(line, *fault.split(), "bundle", "use", "b")
    assert left.by_use(line)
    assert left.in_use(line) == 0
    assert line("bundle", "use", "b").code == 0
    assert left.by_use(line) == []
    assert left.in_use(line) == 1
