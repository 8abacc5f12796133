"""Hooks put into an environment and taken out again, all six scripts or none.

Whoever comes second waits: the environment's own folder is locked, which leaves nothing.
"""

from __future__ import annotations

import fcntl
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from go_kernel.conda.trust import foreign_part
from go_kernel.files import is_folder, write_atomic
from go_kernel.findings import GoKernelError
from go_kernel.hooks import scripts
from go_kernel.hooks.installed import read
from go_kernel.hooks.wanted import Hooks


class HooksNotWritten(GoKernelError):
    """An environment whose scripts can't be changed; they are as they were."""

    id = "hooks.not-written"

    def __init__(self, prefix: Path, reason: str):
        super().__init__(
            f"The hooks of {prefix} can't be changed: {reason}.",
            "Ask who keeps the environment to run this, or have the variables in one shell "
            f'alone: `eval "$(jupyter gokernel env --env {shlex.quote(str(prefix))} --shell sh)"`.',
        )
        self.prefix = prefix


class ForeignScript(GoKernelError):
    """A file that is where a script of ours has to be."""

    id = "hooks.foreign-script"

    def __init__(self, path: Path):
        super().__init__(
            f"{path} is not of jupyter-gokernel's writing, so it is neither replaced nor removed.",
            "Move it away if you don't need it, and try again.",
        )
        self.path = path


@dataclass(frozen=True)
class Written:
    """What was done: the hooks in force now, and whether they were there before, just so."""

    hooks: Hooks
    files: tuple[Path, ...]
    again: bool


def write(hooks: Hooks) -> Written:
    """Put hooks into their environment, in the place of any earlier ones.

    Raises HooksNotWritten and ForeignScript; what was there is there then, as it was.
    """
    prefix = hooks.prefix
    with _alone(prefix):
        before = _present(prefix)
        earlier = scripts.made_of(before.get(scripts.place_of("sh"), b""))
        made = earlier.made if earlier else ()
        missing = [folder for folder in _all_folders() if not is_folder(prefix / folder)]
        new = replace(hooks, made=tuple(sorted({*made, *missing})))
        texts = scripts.texts(new)
        files = tuple(prefix / place for place in texts)
        if before == texts:
            return Written(new, files, again=True)
        with _all_or_nothing(prefix, before, missing):
            for folder in missing:
                (prefix / folder).mkdir()
            if foreign := foreign_part(prefix, [prefix / folder for folder in scripts.FOLDERS]):
                raise HooksNotWritten(prefix, f"{foreign[0]} {foreign[1]}")
            for place, text in texts.items():
                write_atomic(prefix / place, text)
        return Written(new, files, again=False)


def remove(prefix: Path) -> tuple[Path, ...]:
    """Take the hooks out, and the folders that were made for them; the files that went.

    None there is no error.  Raises as `write`.
    """
    with _alone(prefix):
        before = _present(prefix)
        earlier = scripts.made_of(before.get(scripts.place_of("sh"), b""))
        # Those that set first: no shell is to find what sets and not what gives back.
        gone = [place for place in reversed(scripts.PLACES) if place in before]
        with _all_or_nothing(prefix, before, ()):
            for place in gone:
                (prefix / place).unlink()
        for folder in sorted(earlier.made if earlier else (), reverse=True):
            with suppress(OSError):  # others may have put something there since
                (prefix / folder).rmdir()
        return tuple(prefix / place for place in gone)


def _all_folders() -> list[str]:
    """The scripts' folders and those above them, from the top."""
    return sorted({str(above) for folder in scripts.FOLDERS for above in _up_to_prefix(folder)})


def _up_to_prefix(folder: str) -> Iterator[Path]:
    path = Path(folder)
    yield path
    yield from (above for above in path.parents if above != Path())


def _present(prefix: Path) -> dict[str, bytes]:
    """Our scripts that are there, by place; raises ForeignScript for another's."""
    found = {}
    for place in scripts.PLACES:
        path = prefix / place
        if not os.path.lexists(path):
            continue
        content = read(path)
        if path.is_symlink() or not scripts.is_ours(content):
            raise ForeignScript(path)
        found[place] = content
    return found


@contextmanager
def _alone(prefix: Path) -> Iterator[None]:
    """While nobody else changes the hooks of this environment."""
    try:
        descriptor = os.open(prefix, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise HooksNotWritten(prefix, _reason(error)) from error
    try:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _all_or_nothing(
    prefix: Path, before: dict[str, bytes], made: list[str] | tuple[str, ...]
) -> Iterator[None]:
    """Put back what was there, where anything goes wrong on the way."""
    try:
        yield
    except BaseException as error:
        for place in scripts.PLACES:
            with suppress(OSError):
                _put_back(prefix / place, before.get(place))
        for folder in reversed(made):
            with suppress(OSError):
                (prefix / folder).rmdir()
        if isinstance(error, OSError):
            raise HooksNotWritten(prefix, _reason(error)) from error
        raise


def _put_back(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif read(path) != content:
        write_atomic(path, content)


def _reason(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror}"
