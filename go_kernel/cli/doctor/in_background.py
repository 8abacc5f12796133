"""Checks that a Ctrl-C ends, with all that they started.

They run in threads that nobody can stop, and their programs lead sessions of their own,
which the terminal's signal doesn't reach.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence

from go_kernel.findings import Finding
from go_kernel.health import runner
from go_kernel.health.check import Check
from go_kernel.health.context import Context
from go_kernel.process_tree import Tree

# What hangs is a daemon's, and left.
_TO_END = 1.0
_PULSE = 0.2


class _Stopped(Exception):
    """Somebody has had enough."""


def run(
    checks: Sequence[Check], contexts: Sequence[Context], found: Callable[[Finding], None]
) -> list[Finding]:
    """As `runner.run`; on Ctrl-C, and after checks that hang, nothing they started is left."""
    stop, done = threading.Event(), threading.Event()
    results: list[list[Finding] | BaseException] = []

    def tell(finding: Finding) -> None:
        if stop.is_set():
            raise _Stopped
        found(finding)

    def work() -> None:
        try:
            results.append(runner.run(checks, contexts, found=tell))
        except BaseException as error:
            results.append(error)
        finally:
            done.set()

    threading.Thread(target=work, name="doctor", daemon=True).start()
    try:
        # A signal that comes right before a wait without end is not seen until that ends.
        # Not Thread.join: once interrupted, it takes a running thread for ended.
        # ref: https://github.com/python/cpython/issues/89437
        while not done.wait(_PULSE):
            pass
    except BaseException:
        stop.set()
        _end_all()
        done.wait(_TO_END)
        raise
    if any(thread.name in {check.id for check in checks} for thread in threading.enumerate()):
        _end_all()  # a check that didn't come back in time left something running
    result = results[0]
    if isinstance(result, BaseException):
        raise result
    return result


def _end_all() -> None:
    Tree(os.getpid(), "").end()
