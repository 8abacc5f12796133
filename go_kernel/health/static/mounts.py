"""What is mounted where, from Linux's /proc/self/mountinfo.

ref: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

NETWORK = frozenset(
    "nfs nfs4 cifs smb3 smbfs 9p afs lustre ceph gpfs beegfs panfs orangefs pvfs2 coda davfs "
    "fuse.sshfs fuse.ceph fuse.glusterfs fuse.davfs fuse.rclone fuse.s3fs fuse.gcsfuse "
    "fuse.juicefs fuse.beegfs".split()
)


@dataclass(frozen=True)
class Mount:
    """A mounted file system: its folder, its type, what it is mounted from.

    `number` is its own, `parent` that of the mount its folder lies in.
    """

    folder: str
    kind: str
    source: str
    number: str = ""
    parent: str = ""

    def holds(self, path: str) -> bool:
        """Whether an absolute path is at or below its folder."""
        folder = self.folder.rstrip("/")
        return path == folder or path.startswith(f"{folder}/")

    @property
    def is_network(self) -> bool:
        """Whether other machines share it, or it is far away."""
        return self.kind in NETWORK


def read(path: Path) -> list[Mount]:
    """All mounts, later ones last; raises OSError where the system has no such list."""
    return list(parse(os.fsdecode(path.read_bytes())))


def parse(text: str) -> Iterator[Mount]:
    """The mounts in a text; a line that is none is passed over."""
    for line in text.split("\n"):
        before, dash, after = line.partition(" - ")
        fields, rest = before.split(" "), after.split(" ")
        if dash and len(fields) >= 6 and len(rest) >= 2 and fields[4].startswith("/"):
            yield Mount(_plain(fields[4]), rest[0], _plain(rest[1]), fields[0], fields[1])


def holding(path: str, mounts: Iterable[Mount]) -> Mount | None:
    """The mount that an absolute path without links lies in.

    As the kernel walks: from the root on, each time into the first folder on the way on
    which something is mounted.  So a mount covers all that was mounted below it before.
    """
    on_the_way = [mount for mount in mounts if mount.holds(path)]
    numbers = {mount.number for mount in on_the_way}
    found = None
    below = [m for m in on_the_way if m.parent not in numbers or m.parent == m.number]
    while below:
        found = min(below, key=lambda mount: len(mount.folder))
        on_the_way.remove(found)  # so that mounts that name each other end, too
        below = [mount for mount in on_the_way if mount.parent == found.number]
    return found


def _plain(field: str) -> str:
    """Space, tab, line break and backslash are written as octal numbers."""
    return re.sub(r"\\([0-3][0-7]{2})", lambda match: chr(int(match[1], 8)), field)
