"""Whether code opens files, looks at them, or starts processes.

Python tells an audit hook of what is opened and started, and a profile function of every
call of a built-in function, `os.stat` among them, which no audit event speaks of.
ref: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_MODULES = frozenset({"posix", "nt", "io", "_io", "_posixsubprocess", "_socket", "fcntl", "pwd"})
# Of those modules, what asks the system for nothing but this process's own affairs.
_HARMLESS = frozenset({"fspath", "fsencode", "fsdecode", "getpid", "write", "get_blocking"})
_EVENTS = ("open", "os.", "subprocess.", "socket.", "shutil.", "pathlib.", "glob.", "pwd.")


class _Heard:
    """An audit hook can't be taken away, so there is one."""

    def __init__(self) -> None:
        self.listening = False
        self.said: list[str] = []
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.listening and event.startswith(_EVENTS):
            self.said.append(f"{event} {arguments[:1]}")

    def profile(self, frame: FrameType, event: str, called: Any) -> None:
        """For `sys.setprofile`."""
        if event != "c_call" or called.__name__ in _HARMLESS:
            return
        if getattr(called, "__module__", "") in _MODULES:
            self.said.append(f"{called.__module__}.{called.__name__}")


_heard: list[_Heard] = []


@contextmanager
def touched() -> Iterator[list[str]]:
    """What this thread does with files, processes and sockets in the block, in words.

    Slows the block down: not for what is timed.
    """
    if not _heard:
        _heard.append(_Heard())
    [heard] = _heard
    heard.said = []
    heard.listening = True
    sys.setprofile(heard.profile)
    try:
        yield heard.said
    finally:
        sys.setprofile(None)
        heard.listening = False
