"""Everything that commands print: results on stdout, words about them on stderr.

A result is data first and is printed in one place, as JSON or as a table.  On a
terminal the table is rich's; into a pipe it goes plain, never cut off.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from go_kernel.findings import Finding
from go_kernel.printable import printable as printable

# Where nothing can be overwritten, a count shows up in the log this often.
_COUNT_SECONDS = 10.0
_NUMBER = re.compile(r"[0-9]+")
# What a count has got to is part of it: `134 packages, go/ast`.
_GOT_TO = re.compile(r"([0-9]+ \w+), .*")


class Line(Protocol):
    """What progress is told with."""

    def __call__(self, line: str) -> None:
        """Say what is being done."""


def say(line: str) -> None:
    """A line for the person, on stderr."""
    print(printable(line), file=sys.stderr, flush=True)


def say_finding(finding: Finding) -> None:
    """A finding, on one line."""
    say(f"{finding.status.value}: {finding}")


def print_json(value: Any) -> None:
    """The result as JSON, and nothing else, on stdout."""
    # ASCII alone: any locale can print it, and a path that is no UTF-8 survives.
    print(json.dumps(value, indent=2))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], none: str) -> None:
    """The result as a table on stdout; the sentence `none`, on stderr, where it is empty."""
    if not rows:
        say(none)
        return
    shown = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(columns, shown)
    else:
        _plain_table(columns, shown)


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from go_kernel.cli.console import console

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console().print(table)


def _plain_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [columns, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(padded).rstrip())


@contextmanager
def progress(title: str) -> Iterator[Line]:
    """Gives the function that takes lines of progress, to be called from any thread.

    On a terminal one line on stderr changes; elsewhere lines are printed, those that
    only count on every ten seconds.
    """
    if not sys.stderr.isatty():
        yield _Log(title)
        return
    live = _Live(title)
    try:
        yield live
    finally:
        live.stop()


class _Log:
    """Prints lines; one that differs from the last in its numbers alone has to wait."""

    def __init__(self, title: str):
        self._title = title
        self._last = ""
        self._at = 0.0
        self._lock = threading.Lock()

    def __call__(self, line: str) -> None:
        text, now = _NUMBER.sub("#", _GOT_TO.sub(r"\1", line)), time.monotonic()
        with self._lock:
            if text == self._last and now - self._at < _COUNT_SECONDS:
                return
            self._last, self._at = text, now
        say(f"{self._title}: {line}")


class _Live:
    """A spinner that appears with the first line: what takes no time shows nothing."""

    def __init__(self, title: str):
        self._title = title
        self._status: Any = None
        self._lock = threading.Lock()

    def __call__(self, line: str) -> None:
        from rich.text import Text

        from go_kernel.cli.console import console

        text = Text(printable(f"{self._title}: {line}"), overflow="ellipsis", no_wrap=True)
        with self._lock:
            if self._status is None:
                self._status = console(stderr=True).status(text)
                self._status.start()
            else:
                self._status.update(text)

    def stop(self) -> None:
        """Take the line away."""
        with self._lock:
            if self._status is not None:
                self._status.stop()
