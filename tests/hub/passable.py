"""A program run where anybody gets to this Python and this project, wherever they lie.

As root Python often lies below /root, which nobody else may enter, so that a program can't
be run as somebody without rights.  In a mount namespace of its own, which ends with its
processes, each folder that keeps others out is covered by an empty one (mode 755), and what
is needed below it is bound into that.  Nothing on disk changes.

    python -m tests.hub.passable --uid 65534 --need /some/folder -- argv ...

starts argv so, as that user and group (0: stay root, for a program that changes its user
itself), by exec: its process id is ours.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from tests.hub import mounts

ROOT = Path(__file__).parents[2]
NOBODY = 65534
# It has to start where nothing of this project is on Python's path.
_PROGRAM = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.hub import passable as p; p.main()"
)


def own_needs() -> tuple[Path, ...]:
    """What this Python and this project are made of."""
    return (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve(), ROOT)


def command(argv: Sequence[str | Path], *, uid: int, needs: Iterable[Path] = ()) -> list[str]:
    """An argv that runs `argv` as `uid` with `needs` in reach; this process must be root."""
    more = [f"--need={path}" for path in needs]
    program = [sys.executable, "-c", _PROGRAM, f"--uid={uid}"]
    return [*program, *more, "--", *map(str, argv)]


@cache
def refusal() -> str:
    """Why this process can't run programs so; "" where it can."""
    if os.geteuid() != 0:
        return "only root can run programs as somebody else"
    argv = command(["/bin/true"], uid=NOBODY)
    process = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    return process.stderr.strip()[-300:] if process.returncode else ""


def open_ways(needs: Sequence[Path]) -> None:
    """Let everybody get to `needs` in this process and its children; raises OSError.

    Nothing is done, and nothing must be allowed, where all can be reached as it is.
    """
    if mounts.closed(path for need in needs for path in (need.absolute(), need.resolve())):
        mounts.enter_namespace()
        mounts.open_ways(needs)


def drop(uid: int) -> None:
    """Be that user, with the group of the same number and no other."""
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def main(argv: Sequence[str] | None = None) -> None:
    """Open the ways, change the user, become the program."""
    parser = argparse.ArgumentParser(prog="passable", description=__doc__)
    parser.add_argument("--uid", type=int, default=NOBODY)
    parser.add_argument("--need", type=Path, action="append", default=[])
    parser.add_argument("argv", nargs="+")
    arguments = parser.parse_args(argv)
    os.umask(0o022)
    try:
        open_ways((*own_needs(), *arguments.need))
    except OSError as error:
        sys.exit(f"passable: this Python can't be made reachable for others here: {error}.")
    # A working folder that was opened before is the covered one.
    os.chdir(Path.cwd() if Path.cwd().is_dir() else "/")
    if arguments.uid:
        drop(arguments.uid)
    program = arguments.argv[0]
    os.execv(shutil.which(program) or program, arguments.argv)


if __name__ == "__main__":
    main()
