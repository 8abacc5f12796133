"""rich's console, as commands use it.  Imported only where a terminal or a layout wants it."""

from __future__ import annotations

import sys

from rich.console import Console

# What a page of text is wide where no terminal says.
_PIPE_WIDTH = 100


class _Console(Console):
    """As rich's, but a closed pipe is no end: rich would exit with 1."""

    def on_broken_pipe(self) -> None:
        """Let the error through."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """A console on stdout or stderr, as wide as the terminal or else 100 columns."""
    stream = sys.stderr if stderr else sys.stdout
    return _Console(stderr=stderr, width=None if stream.isatty() else _PIPE_WIDTH, highlight=False)
