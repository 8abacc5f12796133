"""What the handlers ask for: checks, fixes, and what is known, all done by workers."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from go_kernel.findings import GoKernelError
from go_kernel.server import errors, events, metrics
from go_kernel.server.stored import Found, Stored
from go_kernel.server.tasks import WAITING, Task, Tasks
from go_kernel.server.workers import Line, Worker
from go_kernel.threads import in_thread

# How long the list of environments holds good, in seconds: looking for them costs a
# process, and many may ask.  Who asks for one that isn't in it makes it older.
FRESH = 5.0
_STILL_FRESH = 1.0
# For a list or a preview, which start nothing.
_QUICK = 30.0
_STATIC = 120.0
# For what was found before this server started.
_PATIENCE = 3.0
# For a newer list of environments than there is one of.
_PATIENCE_FOR_NEWS = 1.0
# Between two events about the progress of one task.
_PAUSE = 0.5
_QUERIES = 2

Base = Callable[[], Mapping[str, object]]


class Service:
    """The extension's state for one server.

    `base` gives what every request to a worker holds (folders, policy, limits; called in
    a thread), `deep` and `fix` are seconds that those may take.
    """

    def __init__(self, base: Base, bus: Any, log: Any, *, deep: float, fix: float):
        self.stored = Stored()
        self.tasks = Tasks(self._changed)
        self._base, self._bus, self._log = base, bus, log
        self._deep, self._fix = deep, fix
        self._seen: float | None = None
        self._looking: asyncio.Task[None] | None = None
        self._began_to_look = 0.0
        self._queries = asyncio.Semaphore(_QUERIES)
        self._asking = 0
        self._told: dict[str, float] = {}

    async def look(self, fresh: float | None = None, patience: float = _PATIENCE_FOR_NEWS) -> None:
        """See which environments there are, unless that was done a moment ago.

        Where it can't be done any more, or not within seconds of patience, what was seen
        last counts; raises only before that.
        """
        fresh = FRESH if fresh is None else fresh
        if self._seen is not None and time.monotonic() - self._seen < fresh:
            return
        if self._looking is None or self._looking.done():
            # The first look also brings what was found before this server started.
            action = "kept" if self._seen is None else "environments"
            self._looking = asyncio.ensure_future(self._look_now(action))
            self._looking.add_done_callback(self._looked)
            self._began_to_look = time.monotonic()
        # Many wait for one look; one of them who goes away doesn't end it.
        if self._seen is None:
            await asyncio.shield(self._looking)
        else:
            left = self._began_to_look + patience - time.monotonic()
            await asyncio.wait([self._looking], timeout=max(0.0, min(left, _QUICK)))

    async def ready(self) -> None:
        """Return once it is known what was found before this server started, or soon.

        Never raises: where files hang, nothing is known.
        """
        try:
            await asyncio.wait_for(self.look(math.inf), _PATIENCE)
        except asyncio.TimeoutError:
            return
        except GoKernelError as error:
            self._log.warning("gokernel: %s", error)

    async def find(self, id: str) -> dict[str, Any]:
        """The environment of this id; raises UnknownEnvironment."""
        for fresh, patience in ((FRESH, _PATIENCE_FOR_NEWS), (_STILL_FRESH, _QUICK)):
            await self.look(fresh, patience)
            for one in self.stored.environments:
                if one["id"] == id:
                    return one
        raise errors.UnknownEnvironment(id)

    def described(self, plain: Mapping[str, Any]) -> str:
        """One environment with its findings and the task that is at it, as JSON."""
        whole = {**self.stored.environment(plain), "task": self.tasks.of(plain["id"])}
        found = ", ".join(one.text for one in self.stored.findings(plain["place"]))
        return f'{json.dumps(whole)[:-1]}, "findings": [{found}]}}'

    def check(self, environment: str, *, deep: bool, checks: list[str], asked: bool = True) -> Task:
        """A task that checks one environment, or all for ""; raises TooMuch."""
        request = {
            "action": "check",
            "subjects": [environment] if environment else [],
            "checks": checks,
            "deep": deep,
        }
        task = Task("checks", environment, "deep" if deep else "static", asked)
        key = ("checks", environment, deep, *checks)
        limit = self._deep if deep or checks else _STATIC
        return self.tasks.submit(key, task, lambda one: self._work(one, request, limit))

    async def preview(self, environment: str, fix: str) -> dict[str, Any]:
        """What a fix would do here and now; raises UnknownFix, TooMuch and Told."""
        await self.find(environment)
        if fix not in self.stored.fixes:
            raise errors.UnknownFix(fix)
        answers: list[dict[str, Any]] = []
        request = {"action": "preview", "subjects": [environment], "fix": fix}
        await self._query(request, lambda line: answers.append(line["preview"]))
        return answers[0]

    async def report(self) -> str:
        """What is known, as Markdown to paste; raises TooMuch and Told."""
        answers: list[str] = []
        await self._query({"action": "report"}, lambda line: answers.append(line["report"]))
        return answers[0]

    async def fix(self, environment: str, fix: str, token: str) -> Task:
        """A task that does what was agreed to; raises as `preview`, PlanChanged and TooMuch."""
        plan = await self.preview(environment, fix)
        if plan["token"] != token:
            raise errors.PlanChanged(fix)
        request = {"action": "fix", "subjects": [environment], "fix": fix, "token": token}
        task = Task("fix", environment, fix)
        key = ("fix", environment, fix)
        return self.tasks.submit(key, task, lambda one: self._work(one, request, self._fix))

    async def close(self) -> None:
        """End all that runs."""
        if self._looking is not None and not self._looking.done():
            self._looking.cancel()
            await asyncio.wait([self._looking])
        await self.tasks.close()

    async def _look_now(self, action: str) -> None:
        found: list[Found] = []

        def hear(line: Line) -> None:
            if "finding" in line:
                found.append(Found.of(line["finding"]))
            else:
                self._see(line)

        # Waits for no preview: whatever those hang at, all others go on.
        await self._run({"action": action}, hear, _QUICK, "Looking at the environments")
        if found:
            self.stored.recall(found)
            metrics.findings(self.stored)

    def _looked(self, looking: asyncio.Task[None]) -> None:
        """A look has ended; whoever waited for it may have gone before it failed."""
        error = None if looking.cancelled() else looking.exception()
        if error is not None and self._seen is not None:
            self._seen = time.monotonic()
            self._log.warning("gokernel: %s", error)

    async def _query(self, request: Mapping[str, object], hear: Callable[[Line], None]) -> None:
        if self._asking >= _QUERIES + WAITING:
            raise errors.TooMuch(WAITING)
        self._asking += 1
        try:
            async with self._queries:
                await self._run(request, hear, _QUICK, "Looking at the environments")
        finally:
            self._asking -= 1

    async def _work(self, task: Task, request: Mapping[str, object], limit: float) -> None:
        """Run a worker for a task, and keep what it finds, however the task ends."""
        await self.ready()
        found: dict[str, list[Found]] = {}

        def hear(line: Line) -> None:
            if "finding" in line:
                one = Found.of(line["finding"])
                found.setdefault(one.place, []).append(one)
                task.found(one.text)
            elif "progress" in line:
                task.say(str(line["progress"]))
                self._tell_progress(task)
            elif "ran" in line:
                for place in line["places"]:
                    self._keep(task, place, found.pop(place, []), line["ran"])
            else:
                self._see(line)

        what = "The check" if task.kind == "checks" else "The fix"
        try:
            await self._run(request, hear, limit, what)
        finally:
            # Of places whose checks have not come to their end: what they found so far.
            for place, some in found.items():
                self._keep(task, place, some, list({one.id for one in some}))
            metrics.findings(self.stored)

    async def _run(
        self, request: Mapping[str, object], hear: Callable[[Line], None], limit: float, what: str
    ) -> None:
        worker = Worker({**await in_thread(self._base), **request}, hear)
        try:
            await worker.run(limit)
        except asyncio.TimeoutError as error:
            raise errors.TimedOut(what, limit) from error
        finally:
            for line in worker.printed:
                self._log.debug("gokernel worker: %s", line)

    def _see(self, line: Line) -> None:
        self.stored.see(line)
        self._seen = time.monotonic()

    def _changed(self, task: Task) -> None:
        metrics.task(task)
        if task.ended_at:
            self._told.pop(task.id, None)
        self._tell(task)

    def _tell_progress(self, task: Task) -> None:
        now = time.monotonic()
        if now - self._told.get(task.id, 0.0) >= _PAUSE:
            self._told[task.id] = now
            self._tell(task)

    def _tell(self, task: Task) -> None:
        message = task.error["message"] if task.error else task.progress
        events.emit(
            self._bus,
            action="task",
            environment=task.environment,
            task=task.id,
            state=task.state,
            message=message,
        )

    def _keep(self, task: Task, place: str, found: list[Found], ran: list[str]) -> None:
        self.stored.keep(found, ran, [place])
        for plain in self.stored.environments:
            if plain["place"] == place:
                status = self.stored.environment(plain)["status"]
                events.emit(
                    self._bus,
                    action="checked",
                    environment=plain["id"],
                    status=status,
                    task=task.id,
                )
