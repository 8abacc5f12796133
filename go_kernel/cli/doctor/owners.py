"""Whose it is: what is broken and belongs to somebody else isn't for us to mend."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from go_kernel.cli.doctor.examination import Examination
from go_kernel.findings import Status
from go_kernel.health.context import Context


def told(looked: Examination) -> Iterator[str]:
    """A sentence for each place that has an error and can't be written by us."""
    bad = {one.environment for one in looked.report.findings if one.status is Status.ERROR}
    for context in looked.contexts:
        if context.subject.place in bad:
            yield from _told_of(context)


def _told_of(context: Context) -> Iterator[str]:
    about = context.subject
    own = [Path(about.place)] if about.target else []
    for path in [*own, *(kernel.folder for kernel in about.kernels)]:
        with suppress(OSError):
            owner = path.stat().st_uid
            if owner != os.geteuid() and not os.access(path, os.W_OK):
                yield f"{path} belongs to {_name(owner)}, who can mend it."


def _name(owner: int) -> str:
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return f"the user with the number {owner}"
