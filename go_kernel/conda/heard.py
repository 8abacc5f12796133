"""What scripts print and answer, taken while they run, in bounded memory.

It comes through pipes, which are always read: a file would fill the disk with what an
endless loop prints.  A program that a script left behind may hold a pipe open; it isn't
waited for.
"""

from __future__ import annotations

import errno
import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

# What a program may be given at all is half of it, on Linux.
_LONGEST_ANSWER = 4 << 20
_KEPT_OF_ONE = 8000
_AT_ONCE = 65536
# What a pipe can hold when its last writer that counts has ended.
_LEFT_IN_IT = 1 << 20
_END = b"\0end\0"


@contextmanager
def reading(take: Callable[[bytes], None]) -> Iterator[int]:
    """A descriptor; what is written to it goes to `take`, in a thread, until the end.

    Raises OSError where there can be no more descriptors or threads.
    """
    with ExitStack() as late, ExitStack() as first:

        def pipe() -> tuple[int, int]:
            reader, writer = os.pipe()
            late.callback(os.close, reader)
            first.callback(os.close, writer)
            return reader, writer

        (reader, writer), (over, _) = pipe(), pipe()
        thread = threading.Thread(target=_read, args=(reader, over, take), daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error
        late.callback(thread.join)
        yield writer


def _read(reader: int, over: int, take: Callable[[bytes], None]) -> None:
    """Take what comes until nobody can write any more, or until it is over and all is read."""
    poll = select.poll()
    for descriptor in (reader, over):
        poll.register(descriptor, select.POLLIN)
    left = _LEFT_IN_IT
    while left > 0:
        ready = {descriptor for descriptor, _ in poll.poll()}
        chunk = os.read(reader, _AT_ONCE) if reader in ready else b""
        if not chunk:
            return
        take(chunk)
        if over in ready:
            left -= len(chunk)


class Printed:
    """The end of what each script printed; a NUL comes after each."""

    def __init__(self, scripts: int):
        self._most = scripts + 1
        self.parts = [b""]

    def take(self, chunk: bytes) -> None:
        """What came next."""
        first, *more = chunk.split(b"\0", self._most - len(self.parts))
        self.parts[-1] = (self.parts[-1] + first)[-_KEPT_OF_ONE:]
        self.parts += [part[-_KEPT_OF_ONE:] for part in more]


class Answered:
    """The answers of a bash, each given to `take` when it is whole; those cut short aren't.

    `too_long`: one was longer than any process could be given, and what came after it
    was not looked at.
    """

    def __init__(self, take: Callable[[str], None], most: int):
        self._give = take
        self._left = most
        self._begun = bytearray()
        self.too_long = False

    def take(self, chunk: bytes) -> None:
        """What came next."""
        if self.too_long or self._left <= 0:
            return
        seen = max(0, len(self._begun) - len(_END))
        self._begun += chunk
        while self._left > 0 and (end := self._begun.find(_END, seen)) >= 0:
            text = self._begun[:end].decode("utf-8", "surrogateescape")
            del self._begun[: end + len(_END)]
            seen = 0
            self._left -= 1
            self._give(text)
        self.too_long = len(self._begun) > _LONGEST_ANSWER
        if self.too_long:
            self._begun.clear()
