"""The text of `--help`: usage, what it does, options, examples."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from go_kernel.cli.command import GoKernelCommand

_COLUMN = 28
_WIDTH = 100


def lines(command: GoKernelCommand) -> Iterator[str]:
    """The help of a command, line by line."""
    kind = "COMMAND" if command.subcommands else "[OPTIONS]"
    yield " ".join(part for part in ("Usage:", command.command, kind, command.words) if part)
    yield ""
    yield from textwrap.wrap(str(command.description).strip(), _WIDTH)
    if command.subcommands:
        yield from _section("Commands", [(n, h) for n, (_, h) in command.subcommands.items()])
        yield ""
        yield f"`{command.command} COMMAND --help` tells more."
    else:
        yield from _section("Options", [*_options(command)])
    if command.examples:
        yield from ("", "Examples")
        yield from (f"  {line}" for line in command.examples.strip().splitlines())


def _options(command: GoKernelCommand) -> Iterator[tuple[str, str]]:
    """The command's own first, then those that all have."""
    from go_kernel.cli.command import SHARED_ALIASES, SHARED_FLAGS

    shared = {*SHARED_ALIASES, *SHARED_FLAGS}
    # What is an option with a value and without one is told once.
    flags = [(key, flag) for key, flag in command.flags.items() if key not in command.aliases]
    every = [*command.aliases.items(), *flags]
    own = [item for item in every if item[0] not in shared]
    for key, (_, text) in [*own, *(item for item in every if item[0] in shared)]:
        names = key if isinstance(key, tuple) else (key,)
        spelled = ", ".join(f"-{name}" if len(name) == 1 else f"--{name}" for name in names)
        metavar = next((command.metavars[n] for n in names if n in command.metavars), "")
        yield f"{spelled} {metavar}".strip(), text
    yield "--help-all", "This, and everything that a configuration file can set."


def _section(title: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    yield from ("", title)
    for left, text in rows:
        wrapped = textwrap.wrap(text, _WIDTH - _COLUMN) or [""]
        if len(left) > _COLUMN - 4:
            yield f"  {left}"
            yield from (" " * _COLUMN + line for line in wrapped)
            continue
        yield f"  {left:{_COLUMN - 2}}{wrapped[0]}"
        yield from (" " * _COLUMN + line for line in wrapped[1:])
