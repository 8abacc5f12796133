"""The server's own program, found before an environment's folders come first on PATH.

An environment may hold a `jupyterhub-singleuser` of its own, which is another Python's
and another JupyterHub's; and a `python3`, which a program that names no more than that
would be run by.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from go_kernel.files import is_file
from go_kernel.hub.errors import NoServerCommand

_BY_ENV = re.compile(rb"#![ \t]*(?:/usr)?/bin/env[ \t]+(?:-S[ \t]*)?([^\s=-][^\s=]*)(?=\s|$)(.*)")
_LONGEST_FIRST_LINE = 1024
# Of programs that are run by programs, as pyenv's; Linux follows no more.
_DEEPEST = 4


def found(argv: Sequence[str], path: str) -> list[str]:
    """The same command with its program's whole path, and the program that runs it.

    Raises NoServerCommand.
    """
    if not argv:
        return []
    command = [_which(argv[0], path), *argv[1:]]
    for _ in range(_DEEPEST):
        by = _run_by(command[0])
        if not by:
            break
        command = [_which(by[0], path), *by[1:], *command]
    return command


def _which(program: str, path: str) -> str:
    if "/" in program:
        return program
    whole = shutil.which(program, path=path)
    if whole is None:
        raise NoServerCommand(program)
    return whole


def _run_by(program: str) -> list[str]:
    """What `env` would look up to run a program, and its arguments; nothing for any other.

    ref: https://www.gnu.org/software/coreutils/manual/html_node/env-invocation.html
    """
    if not Path(program).is_absolute() or not is_file(program):
        return []
    try:
        with open(program, "rb") as stream:  # noqa: PTH123
            line = stream.readline(_LONGEST_FIRST_LINE)
        match = _BY_ENV.match(line)
        return [os.fsdecode(match[1]), *shlex.split(os.fsdecode(match[2]))] if match else []
    except (OSError, ValueError):
        return []
