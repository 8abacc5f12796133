"""Every route with every status it names, held against openapi.yaml."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from go_kernel import kernelspec
from go_kernel.config import KernelConfig
from go_kernel.server import service
from tests import prefixes
from tests.server.conftest import BASE, Api, Make

SLOW = {"checks": ["activation.afresh"]}


async def test_alive(api: Api) -> None:
    """A constant, also for somebody who isn't logged in."""
    assert (await api("GET", "healthz")).content == {"status": "alive"}
    reply = await api("GET", "healthz", headers={"Authorization": ""})
    assert (reply.status, reply.content) == (200, {"status": "alive"})


async def test_health_before_a_check(api: Api, make_prefix: Make) -> None:
    """It is unknown, and no error."""
    make_prefix()

    health = (await api("GET", "health")).content

    assert (health["status"], health["findings"], health["age_seconds"]) == ("unknown", [], None)


async def test_checks_make_health(api: Api, make_prefix: Make) -> None:
    """What a task found is what health and the environment say from then on."""
    id = make_prefix()

    started = await api("POST", "checks")
    assert started.status == 202
    assert api.location == f"{BASE}/gokernel/tasks/{started.content['id']}"
    task = await api.ended(started.content)
    health = (await api("GET", "health")).content
    one = (await api("GET", f"environments/{id}")).content

    assert task["state"] == "done", task["error"]
    assert (task["kind"], task["what"], task["environment"]) == ("checks", "static", "")
    assert health["findings"]
    assert sorted(map(json.dumps, health["findings"])) == sorted(map(json.dumps, task["findings"]))
    assert health["age_seconds"] < 60
    assert one["findings"] == [f for f in health["findings"] if f["environment"] == one["place"]]
    assert one["checked_at"]


async def test_report_of_what_is_known(api: Api, make_prefix: Make, tmp_path: Path) -> None:
    """What was found is in it, as Markdown; asking for it checks nothing."""
    make_prefix("one")

    before = await api("GET", "report")
    assert before.status == 200
    assert "**Nothing was looked at yet**" in before.content
    assert "`toolchain.present`" not in before.content
    await api.ended((await api("POST", "checks")).content)
    health = (await api("GET", "health")).content
    report = (await api("GET", "report")).content

    assert report.startswith("### jupyter gokernel doctor\n")
    assert "#### one Go 1.26.6" in report
    assert report.count("- **") == len(health["findings"])
    assert f"**{health['findings'][0]['status']}** `{health['findings'][0]['id']}`" in report
    assert report.index("`environment.exists`") < report.index("`toolchain.present`")


class TestSecrets:
    """A server that is told secrets in all the ways that there are."""

    @pytest.fixture
    def jp_server_config(self) -> dict[str, Any]:
        """By its configuration: an administrator's policy, a user's variables."""
        return {
            "ServerApp": {"jpserver_extensions": {"go_kernel.server": True}},
            "GoKernelProvisioner": {
                "policy": {"GOPROXY": "https://site:policy-55555@proxy.invalid"},
                "variables": {"NETRC_PASSWORD": "variables-66666"},
            },
        }

    async def test_report_holds_none(
        self,
        api: Api,
        make_prefix: Make,
        home: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Where findings name what is secret, by value or by shape, a mask stands."""
        monkeypatch.setenv("MY_TOKEN", "environment-77777")
        monkeypatch.setenv("USER", "adalovelace")
        monkeypatch.setenv("HTTPS_PROXY", "http://ada:proxy-88888@proxy.invalid:3128")
        make_prefix()
        prefix = tmp_path / "envs" / "demo"
        settings = {"API_KEY": "settings-99999"}
        config = KernelConfig("demo", str(prefix), settings=settings)
        folder = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels"
        kernelspec.write(kernelspec.spec_for(config), folder)
        words = "policy-55555/variables-66666/environment-77777/proxy-88888/settings-99999"
        prefixes.state(prefix, {"GOROOT": f"/data/adalovelace/{words}"})

        await api.ended((await api("POST", "checks")).content)
        health = json.dumps((await api("GET", "health")).content)
        report = (await api("GET", "report")).content

        assert "environment-77777" in health, "what nobody says tests nothing"
        assert "`toolchain.goroot`" in report
        assert "- kernel go-demo" in report
        for secret in (*words.split("/"), "adalovelace", str(home)):
            assert secret not in report


async def test_the_environments(api: Api, make_prefix: Make, tmp_path: Path) -> None:
    """The machine first; each with its Go."""
    id = make_prefix("one")

    found = (await api("GET", "environments")).content["environments"]

    assert found[0]["id"] == "machine"
    (one,) = [env for env in found if env["id"] == id]
    assert one["name"] == "one"
    assert one["place"] == str(tmp_path / "envs" / "one")
    assert (one["kind"], one["go_version"], one["problem"]) == ("conda", "1.26.6", "")
    assert (await api("GET", "environments/machine")).content["kind"] == "machine"


async def test_what_a_hub_decided(
    api: Api, make_prefix: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The Go it chose, and its variables, secrets masked; nothing where no Hub is."""
    id = make_prefix("one")
    assert (await api("GET", "environments")).content["hub"] is None

    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    monkeypatch.setenv("GOKERNEL_HUB_ENVIRONMENT", "go-1.26")
    monkeypatch.setenv("GOKERNEL_HUB_PREFIX", str(tmp_path / "envs" / "one"))
    monkeypatch.setenv("GOPROXY", "https://ada:hunter2@proxy.invalid")
    monkeypatch.setenv("GOKERNEL_POLICY", "GOPROXY,GOROOT")
    await api.ended((await api("POST", "checks")).content)

    value = "https://***@proxy.invalid"
    policy = [{"name": "GOPROXY", "value": value, "origin": "JupyterHub"}]
    found = (await api("GET", "environments")).content["hub"]
    assert found == {"environment": id, "name": "one", "problem": "", "policy": policy}
    assert (await api("GET", "environments/machine")).content["status"] != "error"


@pytest.mark.parametrize("chosen", ["go-1.26", "../../etc\x1b[31m"])
async def test_a_choice_of_a_hub_that_cannot_be_used(
    chosen: str, api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sentence in place of an environment, and the check of the machine says it too."""
    monkeypatch.setenv("JUPYTERHUB_API_URL", "http://hub.invalid/hub/api")
    monkeypatch.setenv("GOKERNEL_HUB_ENVIRONMENT", chosen)
    monkeypatch.setenv("GOKERNEL_HUB_PREFIX", str(tmp_path / "gone"))
    await api.ended((await api("POST", "checks")).content)

    found = (await api("GET", "environments")).content["hub"]

    assert (found["environment"], found["policy"]) == ("", [])
    assert found["name"] == ("go-1.26" if chosen == "go-1.26" else "")
    assert found["problem"].endswith(".")
    assert "\x1b" not in found["problem"]
    findings = (await api("GET", "environments/machine")).content["findings"]
    assert [one["status"] for one in findings if one["id"] == "hub.environment"] == ["error"]


async def test_one_environment_is_checked(api: Api, make_prefix: Make) -> None:
    """Only that one is; the others' health stays unknown."""
    id, other = make_prefix("one"), make_prefix("other")

    await api.ended((await api("POST", f"environments/{id}/checks")).content)

    assert (await api("GET", f"environments/{id}")).content["findings"]
    assert (await api("GET", f"environments/{other}")).content["status"] == "unknown"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "environments/0123456789abcdef"),
        ("GET", "environments/..%2Fmachine"),
        ("GET", "environments/machine%0A"),
        ("POST", "environments/0123456789abcdef/checks"),
        ("GET", "environments/0123456789abcdef/fixes/places.make"),
        ("GET", "environments/machine/fixes/no.such"),
        ("POST", "environments/machine/fixes/no.such"),
        ("GET", "tasks/0123456789abcdef"),
        ("DELETE", "tasks/0123456789abcdef"),
        ("GET", "kernels/0123456789abcdef/environment"),
    ],
)
async def test_unknown(api: Api, method: str, path: str) -> None:
    """404, a sentence with what was asked for, and a reason."""
    body = {"token": "x"} if path.endswith("no.such") and method == "POST" else None

    reply = await api(method, path, body)

    assert reply.status == 404
    assert reply.content["message"].endswith(".")
    assert reply.content["reason"].split(".")[0] in ("health", "kernel")
    assert reply.content["remedy"]["text"]


async def test_nothing_there(jp_fetch: Callable[..., Awaitable[Any]], home: Path) -> None:
    """Below /gokernel everything is JSON."""
    answer = await jp_fetch("gokernel", "no", "such", raise_error=False)

    assert answer.code == 404
    assert json.loads(answer.body)["reason"] == "server.unknown-page"


BAD = [
    (b"[]", "it is no JSON object"),
    (b"1", "it is no JSON object"),
    (b"{", "it is no JSON"),
    (b'{"deep": NaN}', "it is no JSON"),
    (b"\xff\xfe", "it is no JSON"),
    (b'{"deep": false, "deep": true}', "it is no JSON"),
    (b"[" * 20_000, "it is no JSON"),
    (b'{"deep": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "'deep'"),
    (b'{"deep": 1}', "'deep' is neither"),
    (b'{"deep": "yes"}', "'deep' is neither"),
    (b'{"checks": "all"}', "'checks' is no list"),
    (b'{"checks": [1]}', "'checks' is no list"),
    (b'{"checks": ["no.such"]}', "'no.such', which is no check"),
    (json.dumps({"checks": ["x"] * 201}).encode(), "more than 200"),
    (b'{"command": "rm"}', "'command' is not known"),
    (b'{"checks": ["' + b"x" * 70_000 + b'"]}', "larger than 64 KiB"),
]


@pytest.mark.parametrize(("body", "said"), BAD, ids=[said for _, said in BAD])
async def test_bad_body(api: Api, body: bytes, said: str) -> None:
    """422, and the part that is meant."""
    for path in ("checks", "environments/machine/checks"):
        reply = await api("POST", path, raw=body, described_request=False)

        assert reply.status == 422
        assert reply.content["reason"] == "server.bad-body"
        assert said in reply.content["message"] or "it is no JSON" in reply.content["message"]


async def test_a_broken_request(jp_fetch: Callable[..., Awaitable[Any]], home: Path) -> None:
    """What tornado refuses before we see it: a sentence of its own, and no failure of ours."""
    answer = await jp_fetch(
        "gokernel",
        "checks",
        method="POST",
        body=b"100% broken",
        headers={"Content-Type": "multipart/form-data; boundary="},
        raise_error=False,
    )
    said = json.loads(answer.body)

    assert (answer.code, said["reason"]) == (400, "server.bad-request")
    assert "failed" not in said["message"]
    assert "%" not in said["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "'token' is missing"),
        (b"{}", "'token' is missing"),
        (b'{"token": 1}', "'token' is no text"),
        (b'{"token": "x", "path": "/"}', "'path' is not known"),
    ],
)
async def test_bad_fix(api: Api, make_prefix: Make, body: bytes, said: str) -> None:
    """No command and no path comes from a client."""
    path = f"environments/{make_prefix()}/fixes/places.make"

    reply = await api("POST", path, raw=body, described_request=False)

    assert (reply.status, said in reply.content["message"]) == (422, True)


@pytest.mark.parametrize(
    "path", ["health", "report", "environments", "checks", "tasks/x", "healthz"]
)
async def test_other_methods(
    jp_fetch: Callable[..., Awaitable[Any]], home: Path, path: str
) -> None:
    """405, as JSON."""
    answer = await jp_fetch("gokernel", path, method="PUT", body=b"{}", raise_error=False)

    assert answer.code == 405
    assert json.loads(answer.body)["reason"] == "server.method-not-allowed"


async def test_a_fix_from_preview_to_recheck(
    api: Api, make_prefix: Make, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown, agreed to, done, checked again; then there is nothing to do."""
    id = make_prefix()
    modules = home / "not" / "yet"
    monkeypatch.setenv("GOMODCACHE", str(modules))
    path = f"environments/{id}/fixes/places.make"

    preview = (await api("GET", path)).content
    assert str(modules) in preview["preview"]
    assert not modules.exists()
    changed = await api("POST", path, {"token": "0000"})
    assert (changed.status, changed.content["reason"]) == (409, "health.plan-changed")
    assert not modules.exists()

    started = await api("POST", path, {"token": preview["token"]})
    assert started.status == 202
    task = await api.ended(started.content)

    assert (task["state"], task["error"]) == ("done", None)
    assert (task["kind"], task["what"], task["environment"]) == ("fix", "places.make", id)
    assert modules.is_dir()
    for method, body in (("GET", None), ("POST", {"token": preview["token"]})):
        again = await api(method, path, body)
        assert (again.status, again.content["reason"]) == (409, "health.nothing-to-fix")


async def test_too_many_previews(
    api: Api, make_prefix: Make, jp_serverapp: ServerApp, jp_auth_header: dict[str, str]
) -> None:
    """Each is a process: of many at once some are refused, and the rest are answered."""
    path = f"environments/{make_prefix()}/fixes/places.make"
    await api("GET", path)
    client = SimpleAsyncHTTPClient(force_instance=True, max_clients=40)
    address = f"http://127.0.0.1:{jp_serverapp.port}{BASE}/gokernel/{path}"
    request = HTTPRequest(address, headers=jp_auth_header, request_timeout=60)

    answers = await asyncio.gather(*(client.fetch(request, raise_error=False) for _ in range(40)))
    client.close()

    statuses = Counter(answer.code for answer in answers)
    assert statuses[429] >= 1
    assert statuses[200] >= 22
    assert sum(statuses.values()) == statuses[429] + statuses[200]
    assert (await api("GET", path)).status == 200


async def _stopped(pids: set[int]) -> set[int]:
    """A new worker, stopped as one that hangs in a file system; `pids` are known ones."""
    while True:
        for one in psutil.Process().children():
            if one.pid not in pids and "health.worker" in " ".join(one.cmdline()):
                one.suspend()
                return {*pids, one.pid}
        await asyncio.sleep(0.01)


async def test_what_hangs_keeps_nobody_from_the_list(
    api: Api, make_prefix: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not previews, though as many hang as may run, and not the look for a newer list."""
    id = make_prefix()
    first = (await api("GET", "environments")).content
    hanging: set[int] = set()
    replies = []
    for _ in range(2):
        path = f"environments/{id}/fixes/places.make"
        replies.append(asyncio.ensure_future(api("GET", path)))
        hanging = await _stopped(hanging)

    monkeypatch.setattr(service, "FRESH", 0.0)
    make_prefix("another")
    newer = (await api("GET", "environments")).content
    late = asyncio.ensure_future(api("GET", "environments"))
    hanging = await _stopped(hanging)
    make_prefix("third")
    last = (await late).content
    known = (await api("GET", f"environments/{id}")).content

    assert [one.done() for one in replies] == [False, False]
    assert len(newer["environments"]) == len(first["environments"]) + 1
    assert last == newer
    assert known["id"] == id
    for pid in hanging:
        assert psutil.Process(pid).status() == psutil.STATUS_STOPPED
        psutil.Process(pid).resume()
    assert {(await one).status for one in replies} == {200}


class TestWhileSlow:
    """A server whose checks hang, as an environment's script lets them."""

    @pytest.fixture
    def jp_server_config(self) -> dict[str, Any]:
        """The script may take as long as the test needs."""
        return {
            "ServerApp": {"jpserver_extensions": {"go_kernel.server": True}},
            "GoKernelProvisioner": {"activation_timeout": 300.0},
        }

    async def test_the_same_request_is_the_same_task(self, api: Api, make_prefix: Make) -> None:
        """As long as it isn't done; another one is another."""
        id = make_prefix(script="exec sleep 300")

        first = (await api("POST", f"environments/{id}/checks", SLOW)).content
        same = (await api("POST", f"environments/{id}/checks", SLOW)).content
        other = (await api("POST", f"environments/{id}/checks")).content

        assert first["id"] == same["id"] != other["id"]
        await api.ended(other)
        assert (await api("GET", f"environments/{id}")).content["task"] == first["id"]
        assert (await api("DELETE", f"tasks/{first['id']}")).status == 204
        assert (await api("GET", f"tasks/{first['id']}")).content["state"] == "cancelled"
        assert (await api("GET", f"environments/{id}")).content["task"] == ""
        assert (await api("DELETE", f"tasks/{first['id']}")).status == 204  # again: no harm

    async def test_one_that_hangs_costs_no_other_its_findings(
        self, api: Api, make_prefix: Make, jp_ws_fetch: Callable[..., Awaitable[Any]]
    ) -> None:
        """They are there as soon as they are found, and stay when the task is ended."""
        quick, slow = make_prefix("quick"), make_prefix("slow", script="exec sleep 300")
        socket = await jp_ws_fetch("api", "events", "subscribe")

        task = (await api("POST", "checks", SLOW)).content
        while True:
            event = json.loads(await socket.read_message())
            if event.get("action") == "checked" and event["environment"] == quick:
                break
        at_once = (await api("GET", f"environments/{quick}")).content
        running = (await api("GET", f"tasks/{task['id']}")).content
        assert (await api("DELETE", f"tasks/{task['id']}")).status == 204
        socket.close()

        assert running["state"] == "running"
        assert "activation.afresh" in [one["id"] for one in at_once["findings"]]
        after = (await api("GET", f"environments/{quick}")).content
        assert after["findings"] == at_once["findings"]
        begun = [
            one["id"] for one in (await api("GET", f"environments/{slow}")).content["findings"]
        ]
        assert "environment.exists" in begun
        assert "activation.afresh" not in begun

    async def test_too_many(self, api: Api, make_prefix: Make) -> None:
        """Two run, twenty wait, the next is refused; health is answered all the same."""
        ids = [make_prefix(f"env{n}", script="exec sleep 300") for n in range(23)]

        # All at once: what was asked for first must not be done before the last is.
        asked = [api("POST", f"environments/{id}/checks", SLOW) for id in ids]
        replies = sorted(await asyncio.gather(*asked), key=lambda reply: reply.status)
        tasks = [f"tasks/{reply.content['id']}" for reply in replies[:-1]]
        states = [(await api("GET", task)).content["state"] for task in tasks]
        health = await api("GET", "health")
        await asyncio.gather(*(api("DELETE", task) for task in tasks))
        after = [(await api("GET", task)).content["state"] for task in tasks]

        assert [reply.status for reply in replies] == [202] * 22 + [429]
        assert replies[-1].content["reason"] == "server.too-many-tasks"
        assert sorted(states) == ["queued"] * 20 + ["running"] * 2
        assert health.status == 200
        assert after == ["cancelled"] * 22
