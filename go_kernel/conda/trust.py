"""Who could have written the parts of an environment that set variables or run.

An environment may belong to anybody: somebody installed a kernel for it.  But what is
in it must be its owner's, root's or our own, and nobody else may put more into it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from go_kernel.files import foreign_writer
from go_kernel.findings import Remedy


def foreign_part(prefix: Path, paths: Iterable[Path]) -> tuple[Path, str] | None:
    """The first of `paths`, or of the folders above it in `prefix`, that is not to be trusted.

    With it comes why, as `foreign_writer` says it; None where all of them are fine.
    """
    problem = foreign_writer(prefix, any_owner=True)
    if problem:
        return prefix, problem
    owner = prefix.stat().st_uid
    for path in dict.fromkeys(_from_the_top(prefix, paths)):
        problem = foreign_writer(path, owner=owner)
        if problem:
            return path, problem
    return None


def remedy_for(path: Path, problem: str) -> Remedy:
    """What to do where `foreign_part` found `path`, and said `problem` of it."""
    if problem.startswith("is writable"):
        command = f"chmod go-w {shlex.quote(str(path))}"
        return Remedy("Let its owner take that right away", (command,))
    return Remedy("Mend or remove it, or reinstall the package that brought it.")


def _from_the_top(prefix: Path, paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        parts = path.relative_to(prefix).parts
        yield from (prefix.joinpath(*parts[: depth + 1]) for depth in range(len(parts)))
