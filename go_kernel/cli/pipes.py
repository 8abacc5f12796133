"""Output that somebody reads as long as they like: a closed pipe ends no work.

Who says `bundle use FILE 2>&1 | head -1` wants the bundle used.  So a command whose reader
has gone works on in silence, and its exit code is that of its work.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

_STDERR = 2
# The reader has gone; or there never was one, and a file to read is in its place, as a shell's
# script is where the shell itself was started with `2>&-`.
_NOBODY = (errno.EPIPE, errno.EBADF)


class _Patient:
    """A stream that goes silent when nobody reads it any more, and is as it was in all else."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it, or say that it was."""
        with _forgetting(self._stream):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        with _forgetting(self._stream):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def open_what_is_closed() -> None:
    """Let stdin, stdout and stderr lead nowhere where they are closed, as `>&-` leaves them.

    Else the next file that is opened, or a child's pipe, would come to be one of them.
    """
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
            os.set_inheritable(descriptor, True)
        os.close(descriptor)
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8", errors="backslashreplace")


@contextmanager
def patient() -> Iterator[None]:
    """Within, stdout and stderr don't fail where whoever read them has gone."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast("TextIO", one and _Patient(one)) for one in before)
    try:
        yield
    finally:
        # Python's own flush at exit finds nothing that it could fail at.
        for stream in filter(None, (sys.stdout, sys.stderr)):
            with suppress(OSError, ValueError):
                stream.flush()
        sys.stdout, sys.stderr = before


def forget(stream: TextIO) -> None:
    """Let what is written to a stream, and what it still holds, go nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def _forgetting(stream: TextIO) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NOBODY:
            raise
        forget(stream)
