"""Ending all that a kernel started, whatever became of it.

A kernel's children lead process groups and sessions of their own, lose their parent, or
become daemons.  To its tree belongs who is in the kernel's session, who carries the
kernel's scratch folder in the environment it was started with, who is known from an
earlier look, and who descends from one of these.  Only a daemon that threw its
environment away before anybody looked is not found.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress

from go_kernel import process_table
from go_kernel.process_table import Process, Running
from go_kernel.variables import SCRATCH

# For all of a tree to end, in seconds; who was killed takes no time but in a system call.
_PATIENCE = 5.0
_PAUSE = 0.01
_PR_SET_CHILD_SUBREAPER = 36


class Tree:
    """The processes of one kernel; `leader` leads a session of its own."""

    def __init__(self, leader: int, scratch: str):
        """Begin right after the start: `leader` is then known for who it is."""
        self._leader = process_table.identity(leader)
        self._pid = leader
        self._scratch = scratch
        self._known: set[Process] = set()
        self._lock = threading.Lock()

    def look(self) -> None:
        """Remember who belongs to the tree now, while parents can still be told."""
        with self._lock:
            self._known.update(self._members())

    def end(self) -> None:
        """End everybody but the leader, who has ended, and return once they are gone.

        Those who can't be ended (another user's) or don't end in time are let be.
        """
        with self._lock:
            limit = time.monotonic() + _PATIENCE
            spared: set[Process] = set()
            # Again and again: who was killed may have started somebody a moment before.
            while found := self._members() - spared:
                spared |= _kill(found, limit)
                if time.monotonic() > limit:
                    break
            self._known.clear()

    def _members(self) -> set[Process]:
        """Who belongs to the tree and runs, without the leader and us."""
        entries = {entry.process.pid: entry for entry in process_table.running()}
        ours = _upwards(os.getpid(), entries)
        leads = process_table.identity(self._pid) in (self._leader, None)
        roots = {
            pid
            for pid, entry in entries.items()
            if entry.process in self._known
            or (leads and self._pid in (pid, entry.session))
            or (self._scratch and process_table.carries(pid, SCRATCH, self._scratch))
        }
        family = {*_downwards(roots, entries.values())} - ours - {self._pid}
        return {entries[pid].process for pid in family}


def adopt_orphans() -> None:
    """Become the parent of all below this process who lose theirs, so that none gets lost.

    Linux only; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        import ctypes  # here, since kernels' launches import this file and need none of it

        # ref: https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _upwards(pid: int, entries: Mapping[int, Running]) -> set[int]:
    """A process and those it descends from."""
    found: set[int] = set()
    while pid in entries and pid not in found:
        found.add(pid)
        pid = entries[pid].parent
    return found


def _downwards(roots: set[int], entries: Iterable[Running]) -> Iterator[int]:
    """The roots, and all who descend from one of them."""
    children: dict[int, list[int]] = {}
    for entry in entries:
        children.setdefault(entry.parent, []).append(entry.process.pid)
    seen, waiting = set(roots), [*roots]
    while waiting:
        pid = waiting.pop()
        yield pid
        fresh = [child for child in children.get(pid, ()) if child not in seen]
        seen.update(fresh)
        waiting += fresh


def _kill(processes: Iterable[Process], limit: float) -> set[Process]:
    """Kill these and wait for their end; gives back whom we may not kill."""
    spared = set()
    with ExitStack() as stack:
        ending = []
        for one in processes:
            try:
                descriptor = _kill_one(one)
            except PermissionError:
                spared.add(one)
                continue
            if descriptor is not None:
                stack.callback(os.close, descriptor)
                ending.append(descriptor)
        _wait(ending, limit)
    return spared


def _kill_one(process: Process) -> int | None:
    """Kill a process if it still is who it was; a descriptor that tells of its end, if any.

    Linux's descriptors hold on to a process, so that its number can't become another's
    between the look and the signal.
    """
    descriptor = None
    if hasattr(os, "pidfd_open"):
        with suppress(OSError):  # it has ended; or such descriptors are forbidden here
            descriptor = os.pidfd_open(process.pid)
    try:
        if process_table.identity(process.pid) == process:
            if descriptor is not None:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            else:
                os.kill(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except BaseException:
        if descriptor is not None:
            os.close(descriptor)
        raise
    return descriptor


def _wait(descriptors: list[int], limit: float) -> None:
    poll = select.poll()
    for one in descriptors:
        poll.register(one, select.POLLIN)
    waiting = set(descriptors)
    while waiting and (left := limit - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(left * 1000):
            poll.unregister(descriptor)
            waiting.discard(descriptor)
    if not descriptors:
        time.sleep(_PAUSE)  # nothing tells of their end here
