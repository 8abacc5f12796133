"""Lines of progress that count megabytes."""

from __future__ import annotations

from collections.abc import Callable

# What takes lines for the person; called from the thread that does the work.
Progress = Callable[[str], None]

_STEP = 8_000_000


def silent(line: str) -> None:
    """Progress that nobody wants."""


class Counted:
    """Counts bytes of `total` and says so every 8 MB."""

    def __init__(self, doing: str, total: int, progress: Progress):
        self._doing = doing
        self._total = total
        self._progress = progress
        self._done = 0
        self._next = 0

    def add(self, size: int) -> None:
        """So many bytes more are done."""
        self._done += size
        if self._done >= self._next:
            self._next = self._done + _STEP
            self._progress(f"{self._doing}, {self._done / 1e6:.0f} of {self._total / 1e6:.0f} MB")
