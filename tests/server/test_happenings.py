"""What happens by itself or besides: events, metrics, activity, what is done at the start."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.serverapp import ServerApp
from prometheus_client import REGISTRY

from go_kernel import announce
from go_kernel.server import events
from tests.server.conftest import Api, Make, described


async def _next(socket: Any, action: str) -> dict[str, Any]:
    while True:
        event = json.loads(await socket.read_message())
        if event["schema_id"] == events.SCHEMA_ID and event["action"] == action:
            return dict(event)


async def test_events_tell_of_checks_and_tasks(
    api: Api, make_prefix: Make, jp_ws_fetch: Callable[..., Awaitable[Any]]
) -> None:
    """Whoever subscribes needs no polling."""
    id = make_prefix()
    socket = await jp_ws_fetch("api", "events", "subscribe")

    task = (await api("POST", f"environments/{id}/checks")).content
    states = [await _next(socket, "task"), await _next(socket, "task")]
    checked = await _next(socket, "checked")
    states.append(await _next(socket, "task"))
    socket.close()

    assert [one["state"] for one in states] == ["queued", "running", "done"]
    assert {(one["task"], one["environment"]) for one in states} == {(task["id"], id)}
    health = (await api("GET", f"environments/{id}")).content
    assert (checked["environment"], checked["status"]) == (id, health["status"])
    assert checked["task"] == task["id"]


async def test_events_of_kernels_reach_early_subscribers(
    api: Api, jp_serverapp: ServerApp, jp_ws_fetch: Callable[..., Awaitable[Any]]
) -> None:
    """The schema is there before the first kernel is; and its events are counted."""
    before = _value("gokernel_kernel_events_total", action="died")
    socket = await jp_ws_fetch("api", "events", "subscribe")
    event = {"action": "died", "kernel_id": "1", "environment": "demo", "message": "It is gone."}

    announce.announce(jp_serverapp.event_logger, event)
    heard = json.loads(await socket.read_message())
    await jp_serverapp.event_logger.gather_listeners()
    socket.close()

    assert (heard["schema_id"], heard["message"]) == (announce.SCHEMA_ID, "It is gone.")
    assert _value("gokernel_kernel_events_total", action="died") == before + 1


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_metrics(
    api: Api, make_prefix: Make, jp_fetch: Callable[..., Awaitable[Any]]
) -> None:
    """All begin alike, and tell what health tells."""
    make_prefix()
    before = _value("gokernel_tasks_total", kind="checks", result="done")

    await api.ended((await api("POST", "checks")).content)
    page = (await jp_fetch("metrics")).body.decode()
    health = (await api("GET", "health")).content

    found = [one["status"] for one in health["findings"]]
    for status in ("ok", "info", "warn", "error", "unknown", "skipped"):
        assert f'gokernel_findings{{status="{status}"}} {found.count(status)}.0\n' in page
    assert _value("gokernel_tasks_total", kind="checks", result="done") == before + 1
    assert 'gokernel_checks_seconds_count{what="static"}' in page
    ours = [line for line in page.splitlines() if "gokernel" in line and line[0] != "#"]
    assert all(line.startswith("gokernel_") for line in ours)


async def test_polling_is_no_activity(api: Api, make_prefix: Make, jp_serverapp: ServerApp) -> None:
    """An idle server stays idle, however many panels look at it."""
    id = make_prefix()
    task = (await api("POST", "checks")).content
    await api.ended(task)
    settings = jp_serverapp.web_app.settings
    before = settings["api_last_activity"]

    for path in ("health", "environments", f"environments/{id}", f"tasks/{task['id']}", "healthz"):
        assert (await api("GET", path)).status == 200
    await api("GET", "kernels/none/environment")
    assert settings["api_last_activity"] == before

    await api("POST", "checks")
    assert settings["api_last_activity"] > before


class TestAtStart:
    """What configuration can ask for."""

    @pytest.fixture
    def jp_server_config(self) -> dict[str, Any]:
        """Checks at the start, and again."""
        return {
            "ServerApp": {"jpserver_extensions": {"go_kernel.server": True}},
            "GoKernelServer": {"check_at_start": True, "check_interval": 0.2},
        }

    async def test_checks_come_by_themselves(
        self, api: Api, make_prefix: Make, jp_ws_fetch: Callable[..., Awaitable[Any]]
    ) -> None:
        """At the start, and again after a while; no activity of anybody's."""
        make_prefix()
        socket = await jp_ws_fetch("api", "events", "subscribe")

        tasks = {(await _next(socket, "checked"))["task"] for _ in range(2)}
        while len(tasks) < 2:
            tasks.add((await _next(socket, "checked"))["task"])
        socket.close()

        assert (await api("GET", "health")).content["findings"]


class TestTerminals:
    """Terminals in an environment, where that is asked for."""

    @pytest.fixture
    def jp_server_config(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        """What a test's parameter adds."""
        server = {"jpserver_extensions": {"go_kernel.server": True}}
        chosen, shell, *offline = request.param
        if shell:
            server["terminado_settings"] = {"shell_command": shell}
        own = {"terminal_environment": chosen}
        kernels = {"GoKernelProvisioner": {"offline": True}} if offline else {}
        return {"ServerApp": server, "GoKernelServer": own, **kernels}

    @pytest.mark.parametrize("jp_server_config", [("demo", None)], indirect=True)
    def test_chosen(self, home: Path, jp_serverapp: ServerApp) -> None:
        """The terminals' manager starts our wrapper."""
        command = jp_serverapp.web_app.settings["terminal_manager"].shell_command

        assert command[-1] == "--env=demo"
        assert "go_kernel.terminal" in " ".join(command)

    @pytest.mark.parametrize("jp_server_config", [("demo", None, True)], indirect=True)
    def test_chosen_where_nothing_is_fetched(self, home: Path, jp_serverapp: ServerApp) -> None:
        """What holds for all Go kernels of the server holds for its terminals."""
        command = jp_serverapp.web_app.settings["terminal_manager"].shell_command

        assert command[-2:] == ["--env=demo", "--offline"]

    @pytest.mark.parametrize(
        "jp_server_config",
        [("", None), ("demo", ["/bin/sh", "-x"]), ("bad\nname", None)],
        indirect=True,
    )
    def test_not_chosen(self, home: Path, jp_serverapp: ServerApp) -> None:
        """By default, and where an administrator chose a shell, all is as it was."""
        command = jp_serverapp.web_app.settings["terminal_manager"].shell_command

        assert "go_kernel" not in " ".join(command)

    @pytest.fixture
    def on_a_hub(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A Hub chose something for this server, before it starts."""
        monkeypatch.setenv("GOKERNEL_HUB_ENVIRONMENT", "go-1.26")
        monkeypatch.setenv("GOKERNEL_HUB_PREFIX", "/nowhere/at/all")

    @pytest.mark.parametrize("jp_server_config", [("", None)], indirect=True)
    async def test_the_hubs(
        self, on_a_hub: None, caplog: pytest.LogCaptureFixture, jp_serverapp: ServerApp
    ) -> None:
        """On a Hub's server terminals have its choice; the log says where that can't be used."""
        command = jp_serverapp.web_app.settings["terminal_manager"].shell_command
        (extension,) = jp_serverapp.extension_manager.extension_apps["go_kernel.server"]
        caplog.clear()
        await extension._begin()

        assert command[-1] == "--hub"
        assert "terminals will not be in the environment that the Hub chose" in caplog.text
        assert "/nowhere/at/all is no folder" in caplog.text

    @pytest.mark.parametrize(
        ("jp_server_config", "last"),
        [(("demo", None), "--env=demo"), (("", ["/bin/sh", "-x"]), "-x")],
        indirect=["jp_server_config"],
    )
    def test_not_the_hubs(self, on_a_hub: None, last: str, jp_serverapp: ServerApp) -> None:
        """What an administrator configured for terminals stays."""
        assert jp_serverapp.web_app.settings["terminal_manager"].shell_command[-1] == last

    @pytest.mark.parametrize("jp_server_config", [("nowhere", None)], indirect=True)
    async def test_unknown(
        self, home: Path, caplog: pytest.LogCaptureFixture, jp_serverapp: ServerApp
    ) -> None:
        """The server's log says that there is no such environment, and the server starts."""
        (extension,) = jp_serverapp.extension_manager.extension_apps["go_kernel.server"]
        caplog.clear()
        await extension._begin()  # done already at the start, at some time or other
        assert "terminals will not be in the environment 'nowhere'" in caplog.text
        assert "is the name of no conda environment" in caplog.text


async def test_output_is_bounded(api: Api, make_prefix: Make, tmp_path: Path) -> None:
    """However much a task says, what is kept of it is little."""
    from go_kernel.server.tasks import Task

    task = Task("checks", "", "deep")
    for number in range(10_000):
        task.say(f"{number} " + "x" * 10_000)
        task.found("{}")
    told = json.loads(task.text())

    assert (len(told["lines"]), len(told["findings"])) == (50, 2000)
    of_task = described().spec / "components" / "schemas" / "Task" / "properties"
    assert (of_task / "findings" / "maxItems").read_value() == 2000
    assert told["lines"][-1].startswith("9999 ")
    assert max(map(len, told["lines"])) == 500


async def test_a_server_that_ends_ends_its_tasks(
    api: Api, make_prefix: Make, jp_serverapp: ServerApp
) -> None:
    """Nothing is waited for, nothing stays."""
    id = make_prefix(script="exec sleep 300")
    task = (
        await api("POST", f"environments/{id}/checks", {"checks": ["activation.afresh"]})
    ).content

    await jp_serverapp.cleanup_extensions()

    assert (await api("GET", f"tasks/{task['id']}")).content["state"] == "cancelled"
    await asyncio.sleep(0)
