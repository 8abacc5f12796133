"""Refusals of the REST API, each with its HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from go_kernel.findings import GoKernelError, Remedy


class Refused(GoKernelError):
    """Base of the answers that are no success; `status` is HTTP's."""

    status = 500


class UnknownEnvironment(Refused):
    """No environment has this id."""

    id, status = "health.unknown-environment", 404

    def __init__(self, said: str):
        super().__init__(
            f"There is no Go environment {said!r} here (any more).",
            "Look again at the list of environments.",
        )
        self.said = said


class UnknownFix(Refused):
    """No fix has this id."""

    id, status = "health.unknown-fix", 404

    def __init__(self, said: str):
        super().__init__(
            f"There is no fix called {said!r}.", "Use the id that stands in a finding's fix."
        )
        self.said = said


class UnknownTask(Refused):
    """No task has this id, or it ended long ago."""

    id, status = "health.unknown-task", 404

    def __init__(self, said: str):
        super().__init__(
            f"There is no task {said!r} (any more).",
            "What it found is in the environment's health.",
        )
        self.said = said


class UnknownPage(Refused):
    """Nothing is served under this path."""

    id, status = "server.unknown-page", 404

    def __init__(self, path: str):
        super().__init__(
            f"There is nothing at {path}.",
            "The documentation, docs/server.md, lists what there is.",
        )


class BadBody(Refused):
    """A request's body that can't be understood; `key` is the part that is meant."""

    id, status = "server.bad-body", 422

    def __init__(self, key: str, reason: str):
        super().__init__(f"The request's body can't be used: {key} {reason}.")
        self.key = key


class TooMuch(Refused):
    """As many tasks wait as may."""

    id, status = "server.too-many-tasks", 429

    def __init__(self, waiting: int):
        super().__init__(
            f"{waiting} tasks wait already.", "Wait for some of them to end, or cancel some."
        )
        self.waiting = waiting


class PlanChanged(Refused):
    """A fix would do something else than what was agreed to."""

    id, status = "health.plan-changed", 409

    def __init__(self, fix: str):
        super().__init__(
            f"What {fix} would do has changed since it was shown.", "Look at it again."
        )
        self.fix = fix


class NoKernel(Refused):
    """There is no such kernel, or none of ours, or it has no environment now."""

    id, status = "kernel.no-environment", 404

    def __init__(self, kernel: str, reason: str):
        super().__init__(
            f"Nothing is known of kernel {kernel!r}: {reason}.",
            "Choose a Go kernel that runs.",
        )
        self.kernel = kernel


class TimedOut(Refused):
    """A worker took longer than it may."""

    id, status = "health.timed-out", 500

    def __init__(self, what: str, seconds: float):
        super().__init__(
            f"{what} was ended after {seconds:g} s.",
            "A file system that hangs is the usual reason; a server may be given more time "
            "with c.GoKernelServer.deep_timeout.",
        )
        self.seconds = seconds


class WorkerDied(Refused):
    """A worker ended without an answer."""

    id, status = "health.worker-died", 500

    def __init__(self, code: int):
        super().__init__(
            f"The process that does the checks ended without an answer (exit code {code}).",
            "The server's log has what it printed.",
        )
        self.code = code


class Told(Refused):
    """What a worker said in the words of the API."""

    def __init__(self, said: Mapping[str, Any]):
        remedy = said["remedy"]
        super().__init__(
            said["message"], remedy and Remedy(remedy["text"], tuple(remedy["commands"]))
        )
        self.id = str(said["reason"])
        # What stands in a fix's way is about the environment, not about the request.
        self.status = _STATUS.get(self.id, 500 if self.id == "health.failed" else 409)


_STATUS = {
    "health.unknown-environment": 404,
    "health.unknown-fix": 404,
    "health.unknown-check": 422,
}


def as_dict(error: GoKernelError) -> dict[str, Any]:
    """The JSON of an error's reply."""
    remedy = error.remedy and error.remedy.to_dict()
    return {"message": error.summary, "reason": error.id, "remedy": remedy}
