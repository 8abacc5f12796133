"""A stream that is hashed as it is read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import IO

from go_kernel.offline.errors import BadBundle
from go_kernel.offline.progress import Counted, Progress, silent

_CHUNK = 1 << 20


class Hashing:
    """A stream that is hashed as it is read, and copied where that is wanted."""

    def __init__(
        self,
        stream: IO[bytes],
        place: Path,
        progress: Progress = silent,
        copy: IO[bytes] | None = None,
    ):
        self._stream = stream
        self._place = place
        self._copy = copy
        self._counted = Counted("hashing", os.fstat(stream.fileno()).st_size, progress)
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """As a stream's; raises BadBundle where it can't be read."""
        try:
            content = self._stream.read(size)
        except OSError as error:
            raise BadBundle(self._place, f"it can't be read ({error.strerror or error})") from error
        self.digest.update(content)
        if self._copy is not None:
            self._copy.write(content)
        self._counted.add(len(content))
        return content


def rest_of(stream: Hashing) -> str:
    """Read the rest of it; the SHA-256 of all."""
    while stream.read(_CHUNK):
        pass
    return stream.digest.hexdigest()
