"""What the fixes share: how they fail, and how two of them keep out of each other's way."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from go_kernel.files import private_folder
from go_kernel.findings import GoKernelError
from go_kernel.health.context import Context

_LOCK_SECONDS = 30.0


class FixFailed(GoKernelError):
    """A step of a fix that the file system refused."""

    id = "health.fix-failed"

    def __init__(self, place: Path, error: OSError):
        where = error.filename or place
        super().__init__(
            f"{where} can't be changed: {error.strerror or error}.",
            "Let somebody who may write there do it, and check again.",
        )
        self.place = place


class FixBusy(GoKernelError):
    """Somebody else is mending the same thing."""

    id = "health.fix-busy"

    def __init__(self, place: Path):
        super().__init__(f"{place} is being mended by another process.", "Wait, and check again.")
        self.place = place


@contextmanager
def changing(context: Context, place: Path) -> Iterator[None]:
    """Be the only one of ours to change `place`; raises FixBusy, and FixFailed for OSError."""
    folder = context.around.cache.folder / "locks"
    try:
        private_folder(folder)
        name = hashlib.sha256(os.fsencode(os.path.realpath(place))).hexdigest()[:16]
        with FileLock(folder / f"{name}.lock", timeout=_LOCK_SECONDS, mode=0o600):
            yield
    except Timeout as error:
        raise FixBusy(place) from error
    except OSError as error:
        raise FixFailed(place, error) from error
