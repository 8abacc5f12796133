"""What runs as the first process of a house: makes it, then keeps it until nobody needs it.

Started by `house.py` in mount and process namespaces of its own, as root.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.hub import mounts
from tests.hub.mounts import Held

_ours: set[Path] = set()


def bind(held: Held, target: Path, *, read_only: bool = False) -> None:
    """Have it at `target`, in a folder that is the house's own."""
    if not _ours & set(target.parents):
        raise RuntimeError(f"{target} would be made on the machine itself: name it in `own`")
    held.bind(target, read_only=read_only)


def own(folder: Path, without: Sequence[str] = ()) -> None:
    """Have a folder that can be changed, with all that was in it but `without`."""
    kept = [(one.name, one) for one in folder.iterdir() if one.name not in without]
    links = {name: one.readlink() for name, one in kept if one.is_symlink()}
    held = {name: Held(one) for name, one in kept if name not in links}
    _ours.add(folder)
    mounts.cover(folder)
    for name, one in held.items():
        bind(one, folder / name)
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
    # /tmp is the house's own, too.
    _ours.update(mounts.open_ways([Path(path) for path in plan["needed"]], [Path("/tmp")]))
    add_accounts(plan["users"])
    for folder in plan["own"]:
        own(Path(folder))
    for target, source in placed.items():
        bind(source, target, read_only=target in map(Path, plan["read_only"]))
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
