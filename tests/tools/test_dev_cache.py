import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tools.dev_cache import dev_cache, filled_once, made_once


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"GOKERNEL_DEV_CACHE": "{}/own", "XDG_CACHE_HOME": "{}/xdg"}, "own"),
        ({"XDG_CACHE_HOME": "{}/xdg", "HOME": "{}/h"}, "xdg/jupyter-gokernel-dev"),
        ({"HOME": "{}/h"}, "h/.cache/jupyter-gokernel-dev"),
    ],
)
def test_place(tmp_path, variables, expected):
    """Our own variable comes first, then the user's cache folder."""
    env = {name: value.format(tmp_path) for name, value in variables.items()}

    assert tmp_path / expected == dev_cache(env)
    assert (tmp_path / expected).is_dir()


def test_failure_leaves_nothing(tmp_path):
    """What was made before something went wrong isn't there afterwards."""

    def make(path):
        path.mkdir()
        (path / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_once(tmp_path / "thing", make)

    assert [path.name for path in tmp_path.iterdir()] == [".locks"]


def test_what_was_filled_halfway_is_filled_anew(tmp_path):
    """What can't be moved is made where it stays: a broken run's leavings don't count."""
    fills = []

    def fill(path):
        path.mkdir()
        fills.append(sorted(path.iterdir()))
        (path / "half").touch()
        if len(fills) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled_once(tmp_path / "thing", fill)
    for _ in range(2):
        assert filled_once(tmp_path / "thing", fill) == tmp_path / "thing"

    assert fills == [[], []]


SCRIPT = """
import sys
from pathlib import Path
from tools.dev_cache import made_once

def make(path):
    with open("log", "a") as log:
        log.write("made\\n")
    sys.stdin.readline()  # the other one is waiting for us by now, or soon will be
    path.touch()

print("started", flush=True)
made_once(Path("thing"), make)
"""


def test_two_at_once_make_it_once(tmp_path, clean_env, request):
    """The second of two processes waits for the first, and takes what that one made."""
    env = clean_env | {"PYTHONPATH": str(request.config.rootpath)}
    argv = [sys.executable, "-c", SCRIPT]
    reading, writing = os.pipe()  # shared: whoever makes it reads the one line
    with ExitStack() as stack:
        stack.callback(os.close, reading)
        both = [
            stack.enter_context(
                subprocess.Popen(
                    argv, cwd=tmp_path, env=env, stdin=reading, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(2)
        ]
        for process in both:
            assert process.stdout.readline() == "started\n"
        os.write(writing, b"go\n")
        os.close(writing)

    assert [process.returncode for process in both] == [0, 0]
    assert (tmp_path / "log").read_text() == "made\n"
