"""What runs as the first process of a house: makes it, then keeps it until nobody needs it.

Started by `house.py` in mount and process namespaces of its own, as root.  A plain program:
it has to work before this repository can be imported by anybody.

Sources of bind mounts are named by open descriptors, so that they can be bound to their old
place after something was mounted over it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

# ref: mount(2)
_RDONLY, _REMOUNT, _BIND, _REC = 1, 32, 4096, 16384
_libc = ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: Path, kind: str = "", flags: int = 0, data: str = "") -> None:
    words = [source.encode(), os.fsencode(target), kind.encode()]
    if _libc.mount(*words, ctypes.c_ulong(flags), data.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(target))


class Held:
    """A path that stays reachable, whatever is mounted over it."""

    def __init__(self, path: Path):
        self.path = path
        self._descriptor = os.open(path, os.O_PATH)

    def bind(self, target: Path, *, read_only: bool = False) -> None:
        """Have it at `target`, which is made."""
        if not _ours & set(target.parents):
            raise RuntimeError(f"{target} would be made on the machine itself: name it in `own`")
        if stat.S_ISDIR(os.fstat(self._descriptor).st_mode):
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        _mount(f"/proc/self/fd/{self._descriptor}", target, flags=_BIND | _REC)
        if read_only:
            _mount("none", target, flags=_BIND | _REMOUNT | _RDONLY)


_ours: set[Path] = set()


def _tmpfs(folder: Path, mode: int) -> None:
    _ours.add(folder)
    _mount("house", folder, "tmpfs", data=f"mode={mode:o}")


def _closed_above(path: Path) -> Iterator[Path]:
    """The folders above `path` that others than their owner may not pass."""
    return (one for one in path.parents if not one.stat().st_mode & stat.S_IXOTH)


def open_ways(needed: Sequence[Path]) -> None:
    """Make the needed paths reachable for everybody, and nothing else below what is closed.

    /tmp is the house's own, too.
    """
    real = sorted({Path(os.path.realpath(path)) for path in needed} | set(needed))
    held = [Held(path) for path in real]
    covered = {folder for path in real for folder in _closed_above(path)} | {Path("/tmp")}
    outermost = [one for one in sorted(covered) if not covered & set(one.parents)]
    for folder in outermost:
        _tmpfs(folder, 0o1777 if folder == Path("/tmp") else 0o755)
    for one in held:
        if set(outermost) & set(one.path.parents) and not one.path.exists():
            one.bind(one.path)


def own(folder: Path, without: Sequence[str] = ()) -> None:
    """Have a folder that can be changed, with all that was in it but `without`."""
    kept = [(one.name, one) for one in folder.iterdir() if one.name not in without]
    links = {name: one.readlink() for name, one in kept if one.is_symlink()}
    held = {name: Held(one) for name, one in kept if name not in links}
    _tmpfs(folder, 0o755)
    for name, one in held.items():
        one.bind(folder / name)
    for name, target in links.items():
        (folder / name).symlink_to(target)


def add_accounts(users: Sequence[Mapping[str, Any]]) -> None:
    """Write /etc/passwd and its like with more users; their homes are made, for them alone."""
    lines = {
        "passwd": "{name}:x:{uid}:{uid}::{home}:/bin/bash\n",
        "group": "{name}:x:{uid}:\n",
        "shadow": "{name}:{password}:20000:0:99999:7:::\n",
    }
    before = {name: (Path("/etc", name).read_text(), Path("/etc", name).stat()) for name in lines}
    own(Path("/etc"), without=[*lines])
    for name, line in lines.items():
        text, status = before[name]
        file = Path("/etc", name)
        file.write_text(text + "".join(line.format(**user) for user in users))
        file.chmod(stat.S_IMODE(status.st_mode))
        os.chown(file, status.st_uid, status.st_gid)
    for user in users:
        home = Path(user["home"])
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(home, user["uid"], user["uid"])


def make(plan: Mapping[str, Any]) -> None:
    """All of the house."""
    os.umask(0o022)
    placed = {Path(target): Held(Path(source)) for target, source in plan["places"].items()}
    open_ways([Path(path) for path in plan["needed"]])
    add_accounts(plan["users"])
    for folder in plan["own"]:
        own(Path(folder))
    for target, source in placed.items():
        source.bind(target, read_only=target in map(Path, plan["read_only"]))
    for name, text in plan["files"].items():
        file = Path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def keep() -> None:
    """Wait until our starter closes the pipe; who loses its parent meanwhile ends with us.

    As the first process of its namespace this one takes the kernel's kill -9 for all others
    with it when it ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the starter
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel itself takes in the dead
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    make(json.loads(sys.stdin.readline()))
    keep()
