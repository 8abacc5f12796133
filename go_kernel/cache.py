"""Small values remembered on disk, for one user.

An entry that others could have written is not believed, and a folder that can't
be made or written costs time and nothing else: callers never see an error.
Entries are 0600 in a 0700 folder, because some hold variables with credentials.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from go_kernel.files import foreign_writer, is_file, private_folder, write_atomic

# Old entries are swept when a new one is written and the folder holds more than this.
_MOST_ENTRIES = 2000


class Cache:
    """Bytes under keys, in the files of one folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, *key: str) -> bytes | None:
        """What was last put under this key; None where nothing trustworthy is there."""
        entry = self._entry(key)
        try:
            if foreign_writer(self.folder) or foreign_writer(entry) or not is_file(entry):
                return None
            return entry.read_bytes()
        except OSError:
            return None

    def put(self, value: bytes, *key: str) -> None:
        """Remember `value` under this key."""
        with suppress(OSError):
            private_folder(self.folder)
            write_atomic(self._entry(key), value, mode=0o600)
            self._sweep()

    def _entry(self, key: tuple[str, ...]) -> Path:
        # surrogatepass: a name that is no UTF-8 makes a key as good as any.
        name = hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / name

    def _sweep(self) -> None:
        with os.scandir(self.folder) as entries:
            # Folders in it are somebody else's.
            files = (entry for entry in entries if entry.is_file(follow_symlinks=False))
            found = sorted((entry.stat().st_mtime_ns, entry.path) for entry in files)
        for _, path in found[: max(0, len(found) - _MOST_ENTRIES)]:
            Path(path).unlink(missing_ok=True)


def file_key(path: Path | str) -> str:
    """What changes whenever a file's content does, as text for a key.

    Device, inode, size, mtime and ctime in nanoseconds: ctime can't be set from user
    space, so an edit that puts mtime back shows too.  Raises OSError as stat does.
    """
    status = Path(path).stat()
    numbers = (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
    return "-".join(f"{number:x}" for number in numbers)
