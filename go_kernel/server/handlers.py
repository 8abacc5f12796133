"""The routes: each verb asks the service, and says what came of it."""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from go_kernel.findings import GoKernelError
from go_kernel.server import bodies, errors, kernels
from go_kernel.server.service import Service
from go_kernel.server.tasks import Task

ALIVE = json.dumps({"status": "alive"})


class Handler(APIHandler):
    """What all have in common: the service, JSON, and failures as sentences."""

    service: Service

    def initialize(self, service: Service) -> None:
        """Called by tornado with the route's arguments."""
        self.service = service

    def compute_etag(self) -> None:
        """None: an age is in the replies, and a hash of a long one costs more than it saves."""

    def reply(self, text: str, status: int = 200) -> None:
        """Send JSON."""
        self.set_status(status)
        self.finish(text)

    def accepted(self, task: Task) -> None:
        """Send a task, and where it can be looked at."""
        location = url_path_join(self.base_url, "gokernel", "tasks", task.id)
        self.set_header("Location", location)
        self.reply(task.text(), 202)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """As tornado, with the status that belongs to one of our errors."""
        error = kwargs.get("exc_info", (None, None))[1]
        super().send_error(getattr(error, "status", status_code), **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A sentence, a reason, a remedy."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, GoKernelError):
            self.finish(json.dumps(errors.as_dict(error)))
            return
        reason = _REASONS.get(status_code, "server.failed")
        said = error.log_message if isinstance(error, web.HTTPError) else None
        if said and isinstance(error, web.HTTPError):
            said = said % error.args  # as tornado logs it
        message = said or _SENTENCES.get(reason) or _SENTENCES["server.failed"]
        self.finish(json.dumps({"message": message, "reason": reason, "remedy": None}))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Refusals are no news for a log; all else is, as tornado writes it."""
        if isinstance(value, GoKernelError):
            self.log.debug("gokernel: %s", value)
        else:
            super().log_exception(typ, value, tb)


_REASONS = {
    400: "server.bad-request",
    401: "server.unauthenticated",
    403: "server.forbidden",
    # Of what isn't there our own error tells; this one is Jupyter Server's.
    404: "server.another-origin",
    405: "server.method-not-allowed",
}
_SENTENCES = {
    "server.bad-request": "The request can't be understood.",
    "server.another-origin": "Refused: the request comes from a page of another origin, which the "
    "server's allow_origin doesn't name.",
    "server.unauthenticated": "You are not logged in.",
    "server.forbidden": "You are not logged in, or may not do this.",
    "server.method-not-allowed": "This can't be done with that HTTP method.",
    "server.failed": "The server failed; its log says more.",
}


class AliveHandler(Handler):
    """Whether the extension is there: a constant, for whoever asks."""

    _track_activity = False

    @allow_unauthenticated
    def get(self) -> None:
        """Say so."""
        self.reply(ALIVE)


class HealthHandler(Handler):
    """All that is known."""

    auth_resource = "gokernel_health"
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """The newest findings, and their age."""
        await self.service.ready()
        self.reply(self.service.stored.health())


class ReportHandler(Handler):
    """What is known, to paste into an issue."""

    auth_resource = "gokernel_health"
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """As Markdown, without secrets and names."""
        text = await self.service.report()
        self.finish(text, set_content_type="text/markdown; charset=UTF-8")


class EnvironmentsHandler(Handler):
    """The environments."""

    auth_resource = "gokernel_environments"
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """All of them, the machine first."""
        await self.service.look()
        self.reply(self.service.stored.listed())


class EnvironmentHandler(Handler):
    """One environment."""

    auth_resource = "gokernel_environments"
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """With its findings."""
        plain = await self.service.find(id)
        self.reply(self.service.described(plain))


class ChecksHandler(Handler):
    """Checks of everything, or of one environment."""

    auth_resource = "gokernel_checks"

    @web.authenticated
    @authorized
    async def post(self, id: str = "") -> None:
        """Begin."""
        if id:
            await self.service.find(id)
        else:
            await self.service.look()
        deep, checks = bodies.checks(self.request.body, self.service.stored.checks)
        self.accepted(self.service.check(id, deep=deep, checks=checks))


class FixHandler(Handler):
    """One fix for one environment."""

    auth_resource = "gokernel_fixes"

    @web.authenticated
    @authorized
    async def get(self, id: str, fix: str) -> None:
        """What it would do."""
        self.reply(json.dumps(await self.service.preview(id, fix)))

    @web.authenticated
    @authorized
    async def post(self, id: str, fix: str) -> None:
        """Do what was agreed to."""
        token = bodies.token(self.request.body)
        self.accepted(await self.service.fix(id, fix, token))


class TaskHandler(Handler):
    """One task; looking at it is polling, cancelling it is somebody's deed."""

    auth_resource = "gokernel_tasks"

    @property
    def _track_activity(self) -> bool:  # type: ignore[override]
        return self.request.method != "GET"

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """How it gets on."""
        self.reply(self.service.tasks.get(id).text())

    @web.authenticated
    @authorized
    async def delete(self, id: str) -> None:
        """Cancel it; once this is answered, nothing of it runs."""
        await self.service.tasks.cancel(id)
        self.set_status(204)
        self.finish()


class KernelHandler(Handler):
    """What a running kernel got."""

    auth_resource = "kernels"
    _track_activity = False

    @web.authenticated
    @authorized
    async def get(self, id: str) -> None:
        """Its Go and conda variables."""
        self.reply(json.dumps(kernels.environment_of(self.kernel_manager, id)))


class NothingHandler(Handler):
    """What isn't there."""

    auth_resource = "gokernel_health"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Say so."""
        raise errors.UnknownPage(self.request.path)

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Say so."""
        raise errors.UnknownPage(self.request.path)


_PART = r"([^/]+)"
ROUTES = (
    (r"/gokernel/healthz", AliveHandler),
    (r"/gokernel/health", HealthHandler),
    (r"/gokernel/report", ReportHandler),
    (r"/gokernel/environments", EnvironmentsHandler),
    (rf"/gokernel/environments/{_PART}", EnvironmentHandler),
    (r"/gokernel/checks", ChecksHandler),
    (rf"/gokernel/environments/{_PART}/checks", ChecksHandler),
    (rf"/gokernel/environments/{_PART}/fixes/{_PART}", FixHandler),
    (rf"/gokernel/tasks/{_PART}", TaskHandler),
    (rf"/gokernel/kernels/{_PART}/environment", KernelHandler),
    (r"/gokernel(?:/.*)?", NothingHandler),
)
