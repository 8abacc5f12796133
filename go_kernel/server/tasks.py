"""Tasks: what takes long, one after the other, to be looked at and cancelled."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from go_kernel.findings import GoKernelError, spoken_time
from go_kernel.server.errors import TooMuch, UnknownTask, as_dict

AT_ONCE = 2
WAITING = 20
# Of those that have ended: as many, and for as long (seconds).
ENDED_KEPT = 100
ENDED_SECONDS = 600.0
LINES = 50
LINE_LENGTH = 500
FINDINGS = 2000

log = logging.getLogger(__name__)


@dataclass
class Task:
    """A check or a fix that was asked for; findings are JSON texts already."""

    kind: str
    environment: str
    what: str
    asked: bool = True
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: str = "queued"
    progress: str = ""
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LINES))
    error: dict[str, Any] | None = None
    findings: list[str] = field(default_factory=list)
    started_at: float = 0.0
    ended_at: float = 0.0

    def say(self, line: str) -> None:
        """A line of progress."""
        self.progress = line[:LINE_LENGTH]
        self.lines.append(self.progress)

    def found(self, finding: str) -> None:
        """A finding, as JSON."""
        if len(self.findings) < FINDINGS:
            self.findings.append(finding)

    def text(self) -> str:
        """The task as JSON."""
        plain = {
            "id": self.id,
            "kind": self.kind,
            "environment": self.environment,
            "what": self.what,
            "state": self.state,
            "progress": self.progress,
            "lines": list(self.lines),
            "error": self.error,
            "started_at": spoken_time(self.started_at),
            "ended_at": spoken_time(self.ended_at),
        }
        return f'{json.dumps(plain)[:-1]}, "findings": [{", ".join(self.findings)}]}}'


Job = Callable[[Task], Awaitable[None]]


class Tasks:
    """All tasks; `changed` is called whenever the state of one is another."""

    def __init__(self, changed: Callable[[Task], None]):
        self._changed = changed
        self._all: dict[str, Task] = {}
        self._live: dict[str, tuple[object, asyncio.Task[None]]] = {}
        self._running = asyncio.Semaphore(AT_ONCE)

    def submit(self, key: object, task: Task, job: Job) -> Task:
        """Have a job done; where one of the same key is not done yet, that one is the answer.

        Raises TooMuch.
        """
        for id, (other, _) in self._live.items():
            if other == key:
                return self._all[id]
        if len(self._live) >= AT_ONCE + WAITING:
            raise TooMuch(WAITING)
        self._forget()
        self._all[task.id] = task
        # Kept until it ends: the loop itself holds on to nothing.
        self._live[task.id] = (key, asyncio.ensure_future(self._run(task, job)))
        self._changed(task)
        return task

    def get(self, id: str) -> Task:
        """The task of this id; raises UnknownTask."""
        self._forget()
        if id not in self._all:
            raise UnknownTask(id)
        return self._all[id]

    def of(self, environment: str) -> str:
        """The id of the task that is at this environment (or at all); "" for none."""
        live = (self._all[id] for id in self._live)
        ids = [task.id for task in live if task.environment in (environment, "")]
        return ids[-1] if ids else ""

    def asked_for(self) -> list[str]:
        """The ids of those that somebody waits for."""
        return [id for id in self._live if self._all[id].asked]

    async def cancel(self, id: str) -> None:
        """End a task, and return when nothing of it runs any more; raises UnknownTask."""
        task = self.get(id)
        if task.id in self._live:
            _, handle = self._live[task.id]
            handle.cancel()
            await asyncio.wait([handle])
        if task.state == "queued":  # it had not come to begin
            self._end(task, "cancelled")

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(self.cancel(id) for id in list(self._live)))

    async def _run(self, task: Task, job: Job) -> None:
        state = "failed"
        try:
            async with self._running:
                task.state, task.started_at = "running", time.time()
                self._changed(task)
                await job(task)
            state = "done"
        except asyncio.CancelledError:
            state = "cancelled"
        except GoKernelError as error:
            task.error = as_dict(error)
        except Exception as error:
            log.exception("task %s failed", task.id)
            message = f"The task failed ({type(error).__name__}); the server's log says more."
            task.error = {"message": message, "reason": "server.failed", "remedy": None}
        finally:
            self._end(task, state)

    def _end(self, task: Task, state: str) -> None:
        self._live.pop(task.id, None)
        task.state, task.ended_at = state, time.time()
        self._changed(task)

    def _forget(self) -> None:
        ended = [task for task in self._all.values() if task.id not in self._live]
        old = time.time() - ENDED_SECONDS
        for task in ended[: max(0, len(ended) - ENDED_KEPT)]:
            del self._all[task.id]
        for task in ended[-ENDED_KEPT:]:
            if task.ended_at < old:
                del self._all[task.id]


def key(kind: str, request: Mapping[str, Any]) -> tuple[object, ...]:
    """What makes two requests the same one."""
    return (kind, *(tuple(v) if isinstance(v, list) else v for v in request.values()))
