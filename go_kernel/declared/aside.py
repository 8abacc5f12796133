"""An environment's folder taken out of its place: for good, or until another one is there.

A prefix has its own path in its files, so nothing but its own place will do for one that
is made, nor for one that comes back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from go_kernel.conda.create import is_unfinished
from go_kernel.declared.errors import ApplyError
from go_kernel.engines.store import remove as remove_folder


class NotRemovable(ApplyError):
    """An environment that can't be removed."""

    id = "apply.not-removable"

    def __init__(self, prefix: Path, reason: str):
        super().__init__(
            f"The environment {prefix} can't be removed: {reason}.",
            "Apply the file again as somebody who may change that folder.",
        )
        self.prefix = prefix


def place(prefix: Path) -> Path:
    """Where a prefix is moved to."""
    return prefix.with_name(f".{prefix.name}.gokernel-removed")


def remove(prefix: Path) -> None:
    """Out of its place first, so that nobody meets half of it; raises NotRemovable."""
    _move(prefix)
    clear(prefix)


def clear(prefix: Path) -> None:
    """Remove what was moved aside; raises NotRemovable."""
    remove_folder(place(prefix))
    if os.path.lexists(place(prefix)):
        raise NotRemovable(place(prefix), "some of its files can't be removed")


@contextmanager
def replaced(prefix: Path) -> Iterator[None]:
    """Make room for another one; where that fails, what was there comes back.

    Raises NotRemovable.
    """
    _move(prefix)
    try:
        yield
    except BaseException:  # Ctrl-C too, which may come before `create` can tidy up
        if is_unfinished(prefix):
            remove_folder(prefix)
        if not os.path.lexists(prefix):
            place(prefix).rename(prefix)
        raise
    clear(prefix)


def _move(prefix: Path) -> None:
    clear(prefix)
    try:
        prefix.rename(place(prefix))
    except OSError as error:
        raise NotRemovable(prefix, error.strerror or str(error)) from error
