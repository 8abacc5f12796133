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
import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOBODY = 65534
# ref: https://man7.org/linux/man-pages/man2/mount.2.html and unshare(2)
_CLONE_NEWNS = 0x00020000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000


def own_needs() -> tuple[Path, ...]:
    """What this Python and this project are made of."""
    return (Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve(), ROOT)


def command(argv: Sequence[str | Path], *, uid: int, needs: Iterable[Path] = ()) -> list[str]:
    """An argv that runs `argv` as `uid` with `needs` in reach; this process must be root."""
    more = [f"--need={path}" for path in needs]
    program = [sys.executable, str(Path(__file__)), f"--uid={uid}"]
    return [*program, *more, "--", *map(str, argv)]


@cache
def refusal() -> str:
    """Why this process can't run programs so; "" where it can."""
    if os.geteuid() != 0:
        return "only root can run programs as somebody else"
    argv = command(["/bin/true"], uid=NOBODY)
    process = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    return process.stderr.strip()[-300:] if process.returncode else ""


def closed(path: Path) -> Path | None:
    """The first folder above `path` that others may not pass; None where all may be passed."""
    above = (one for one in reversed(path.parents) if not one.stat().st_mode & 0o001)
    return next(above, None)


def open_ways(needs: Iterable[Path]) -> None:
    """Let everybody get to `needs` in this process and its children; raises OSError.

    Nothing is done, and nothing must be allowed, where all can be reached as it is.
    """
    wanted = tuple(dict.fromkeys(_spelled(needs)))
    entered = False
    while covered := next(filter(None, map(closed, wanted)), None):
        if not entered:
            _call("unshare", _CLONE_NEWNS)
            _mount("none", Path("/"), "", _MS_REC | _MS_PRIVATE)
            entered = True
        _cover(covered, [path for path in wanted if covered in path.parents])


def _spelled(needs: Iterable[Path]) -> Iterator[Path]:
    """Each path, and what it leads to: both ways must be open."""
    for path in needs:
        yield path.absolute()
        yield path.resolve()


def _cover(folder: Path, inside: Sequence[Path]) -> None:
    outermost = [path for path in inside if not any(one in path.parents for one in inside)]
    held = {path: os.open(path, os.O_PATH) for path in outermost}
    folders = {path: path.is_dir() for path in outermost}
    _mount("tmpfs", folder, "tmpfs", 0, "mode=755")
    for path, descriptor in held.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if folders[path]:
            path.mkdir()
        else:
            path.touch()
        _mount(f"/proc/self/fd/{descriptor}", path, "", _MS_BIND | _MS_REC)
        os.close(descriptor)


def _mount(source: str, target: Path, kind: str, flags: int, data: str = "") -> None:
    _call("mount", source.encode(), bytes(target), kind.encode(), flags, data.encode())


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    converted = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in arguments]
    if getattr(libc, name)(*converted) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


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
