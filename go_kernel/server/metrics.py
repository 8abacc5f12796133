"""What Prometheus reads at /metrics; made once for a process, as its registry wants it."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from go_kernel.server.stored import Stored
from go_kernel.server.tasks import Task

FINDINGS = Gauge("gokernel_findings", "findings about Go environments by status", ["status"])
CHECK_SECONDS = Histogram(
    "gokernel_checks_seconds",
    "seconds that the checks of one request took",
    ["what"],
    buckets=(0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000),
)
TASKS = Counter("gokernel_tasks", "tasks that have ended by kind and result", ["kind", "result"])
KERNELS = Counter("gokernel_kernel_events", "starts and ends of Go kernels", ["action"])
_COUNTED = ("started", "failed", "died")
_ENDED = ("done", "failed", "cancelled")

# There from the start, so that a rate can be told of the first one.
for _action in _COUNTED:
    KERNELS.labels(_action)
for _kind in ("checks", "fix"):
    for _result in _ENDED:
        TASKS.labels(_kind, _result)


def findings(stored: Stored) -> None:
    """Set the gauges to what is known now."""
    for status, count in stored.statuses().items():
        FINDINGS.labels(status.value).set(count)


def task(one: Task) -> None:
    """Count a task that has ended."""
    if one.state not in _ENDED:
        return
    TASKS.labels(one.kind, one.state).inc()
    if one.kind == "checks" and one.state == "done":
        CHECK_SECONDS.labels(one.what).observe(one.ended_at - one.started_at)


async def kernel_event(logger: object, schema_id: str, data: dict[str, object]) -> None:
    """A listener on the event bus."""
    if data.get("action") in _COUNTED:
        KERNELS.labels(str(data["action"])).inc()
