"""A real Jupyter Server with the extension, found by its autoload file."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from go_kernel.health.subject import id_of
from go_kernel.server import children
from tests import prefixes
from tests.conftest import CondaPrefix
from tests.kernels import install
from tests.processes import has_ended
from tests.server.conftest import REPOSITORY
from tests.servers import Reply, Server, serving
from tests.test_server_errors import _execute_in

Serve = Callable[..., Server]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the server's kernels, notebooks and logs are."""
    target = tmp_path / "autoload" / "jupyter_server_config.d"
    target.mkdir(parents=True)
    shutil.copy(REPOSITORY / "jupyter-config" / "server-config" / "go_kernel.json", target)
    return tmp_path


@pytest.fixture
def serve(folder: Path, clean_env: dict[str, str], dev_cache: Path) -> Iterator[Serve]:
    """`serve("--X.y=z", NAME="value")`: a server with those options and variables."""
    with ExitStack() as stack:

        def start(*options: str, **variables: str) -> Server:
            env = {
                **clean_env,
                "PYTHONPATH": str(REPOSITORY),
                "JUPYTER_CONFIG_PATH": str(folder / "autoload"),
                "GOKERNEL_STORE": str(dev_cache / "engines"),
                **variables,
            }
            return stack.enter_context(serving(folder, env, *options))

        yield start


def _prefix(folder: Path, name: str = "demo", script: str = "") -> tuple[Path, str]:
    """A made-up environment that conda knows of, and its id."""
    prefix = prefixes.go_prefix(folder / "envs" / name)
    if script:
        prefixes.script(prefix, "it.sh", script)
    return prefix, _known(folder, prefix)


def _known(folder: Path, prefix: Path) -> str:
    known = folder / "home" / ".conda" / "environments.txt"
    known.parent.mkdir(exist_ok=True)
    with known.open("a") as stream:
        stream.write(f"{prefix}\n")
    return id_of(prefix)


def _pid(server: Server) -> int:
    (info,) = server.runtime.glob("jpserver-*.json")
    return int(info.stem.removeprefix("jpserver-"))


def _until(condition: Callable[[], Any]) -> Any:
    """What a condition gives once it gives something."""
    pause = threading.Event()
    while not (found := condition()):
        pause.wait(0.02)
    return found


def _below(server: Server, name: str) -> list[psutil.Process]:
    """All processes below the server, once one of them has this name."""

    def look() -> list[psutil.Process]:
        found = psutil.Process(_pid(server)).children(recursive=True)
        names = []
        for one in found:
            try:
                names.append(one.name())
            except psutil.NoSuchProcess:
                continue
        return found if name in names else []

    return list(_until(look))


def _ended(server: Server, task: dict[str, Any]) -> Any:
    def look() -> Any:
        found = server.request("GET", f"/gokernel/tasks/{task['id']}").content
        return None if found["state"] in ("queued", "running") else found

    return _until(look)


def _slow(server: Server, id: str) -> Reply:
    body = {"checks": ["activation.afresh"]}
    return server.request("POST", f"/gokernel/environments/{id}/checks", body)


PATIENT = "--GoKernelProvisioner.activation_timeout=300"


def test_kill_9_of_the_server_leaves_no_worker(serve: Serve, folder: Path) -> None:
    """The worker notices, and ends with what it started: here an activation script."""
    _, id = _prefix(folder, script="exec sleep 300")
    server = serve(PATIENT)
    assert _slow(server, id).status == 202
    processes = _below(server, "sleep")

    os.kill(_pid(server), signal.SIGKILL)

    assert len(processes) >= 2
    assert all(has_ended(one.pid) for one in processes)


def test_cancel_ends_what_a_check_started(serve: Serve, folder: Path) -> None:
    """As soon as the cancellation is answered, also what left its session and its parent."""
    daemon = "setsid sh -c 'sleep 301 & sleep 302' & exec sleep 300"
    _, id = _prefix(folder, script=daemon)
    server = serve(PATIENT)
    task = _slow(server, id).content
    processes = _below(server, "sleep")

    assert server.request("DELETE", f"/gokernel/tasks/{task['id']}").status == 204

    assert all(has_ended(one.pid, seconds=0) for one in processes)
    assert psutil.Process(_pid(server)).children() == []


def test_kill_9_of_a_worker_leaves_nobody(serve: Serve, folder: Path) -> None:
    """As the kernel does it when memory is short: the task fails, what it had started ends."""
    _, id = _prefix(folder, script="exec sleep 300")
    server = serve(PATIENT)
    task = _slow(server, id).content
    processes = _below(server, "sleep")
    # Nothing tells that the server has looked at them.
    threading.Event().wait(2 * children._PAUSE + 0.5)

    worker = min(processes, key=lambda one: one.pid)
    worker.kill()

    assert _ended(server, task)["error"]["reason"] == "health.worker-died"
    assert all(has_ended(one.pid, seconds=0) for one in processes)


def test_what_a_script_leaves_running_ends_with_the_check(serve: Serve, folder: Path) -> None:
    """Though its parent has ended at once, and all is well."""
    note = folder / "pid"
    script = f"sleep 304 >/dev/null 2>&1 </dev/null & echo $! > {note}.new; mv {note}.new {note}"
    _, id = _prefix(folder, script=script)
    server = serve()

    assert _ended(server, _slow(server, id).content)["state"] == "done"

    assert has_ended(int(note.read_text()))


def test_cancel_of_an_engine_build(serve: Serve, folder: Path, conda_prefix: CondaPrefix) -> None:
    """No `go` runs on, and no half of an engine is left in the store."""
    prefix = conda_prefix("go=1.26")
    id, store = _known(folder, prefix), folder / "store"
    install(folder, "go-demo", prefix=str(prefix))
    server = serve(GOKERNEL_STORE=str(store), GOCACHE=str(folder / "gocache"))
    path = f"/gokernel/environments/{id}/fixes/engine.rebuild"
    plan = server.request("GET", path)
    assert plan.status == 200, plan.content
    task = server.request("POST", path, {"token": plan.content["token"]}).content
    processes = _below(server, "compile")

    assert server.request("DELETE", f"/gokernel/tasks/{task['id']}").status == 204

    assert any(one.pid for one in processes)
    assert all(has_ended(one.pid, seconds=0) for one in processes)
    found = server.request("GET", f"/gokernel/tasks/{task['id']}").content
    assert (found["state"], found["error"]) == ("cancelled", None)
    assert found["lines"]
    assert [one for one in store.rglob("*") if one.is_file() and "lock" not in one.name] == []


def test_a_server_that_starts_anew_knows_the_last_answers(serve: Serve, folder: Path) -> None:
    """Health says what was found before, and how old it is."""
    _prefix(folder)
    first = serve()
    _ended(first, first.request("POST", "/gokernel/checks", {}).content)
    before = first.request("GET", "/gokernel/health").content

    after = serve().request("GET", "/gokernel/health").content

    assert before["findings"]
    assert _facts(after) == _facts(before)
    assert after["checked_at"] == before["checked_at"]
    assert after["age_seconds"] >= before["age_seconds"]


def _facts(health: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (one["environment"], one["id"], one["status"], one["summary"], one["checked_at"])
        for one in health["findings"]
    ]


def test_a_kernels_environment(serve: Serve, folder: Path, conda_prefix: CondaPrefix) -> None:
    """Go and conda variables with their origins, secrets masked, nobody else's."""
    prefix = conda_prefix("go=1.27")
    name = install(folder, "go-demo", prefix=str(prefix), environment="demo")
    server = serve(
        GOPROXY="https://me:hunter2@proxy.invalid,off", AWS_TOKEN="tell-nobody", EDITOR="ed"
    )
    kernel = server.request("POST", "/api/kernels", {"name": name}).content["id"]
    other = server.request("POST", "/api/kernels", {"name": "python3"}).content["id"]

    reply = server.request("GET", f"/gokernel/kernels/{kernel}/environment")
    foreign = server.request("GET", f"/gokernel/kernels/{other}/environment")

    found = reply.content
    assert (reply.status, found["kernel_id"], found["environment"]) == (200, kernel, "demo")
    assert found["engine"] == "gophernotes"
    assert found["go_version"].startswith("1.27")
    variables = found["variables"]
    assert variables["GOPROXY"]["value"] == "https://***@proxy.invalid,off"
    assert variables["GOROOT"]["value"] == str(prefix / "go")
    assert variables["GOROOT"]["origin"].startswith("toolchain")
    assert variables["CONDA_PREFIX"]["value"] == str(prefix)
    assert not {"AWS_TOKEN", "EDITOR", "PATH", "HOME"} & variables.keys()
    assert "hunter2" not in str(found)
    assert foreign.status == 404
    assert foreign.content["message"].endswith("it was not started by jupyter-gokernel.")


def test_a_hubs_kernel(serve: Serve, folder: Path, conda_prefix: CondaPrefix) -> None:
    """Its environment, findings and variables are those of what the Hub chose for this server."""
    prefix = conda_prefix("go=1.27")
    name = install(folder, environment="this server", from_hub=True)
    server = serve(GOKERNEL_HUB_ENVIRONMENT="stable", GOKERNEL_HUB_PREFIX=str(prefix))
    kernel = server.request("POST", "/api/kernels", {"name": name}).content["id"]

    reply = server.request("GET", f"/gokernel/kernels/{kernel}/environment")
    task = server.request("POST", f"/gokernel/environments/{id_of(prefix)}/checks", {}).content
    ended = _ended(server, task)
    found = server.request("GET", f"/gokernel/environments/{id_of(prefix)}").content

    assert (reply.status, reply.content["environment"]) == (200, prefix.name)
    assert reply.content["variables"]["GOROOT"]["value"] == str(prefix / "go")
    assert ended["state"] == "done"
    assert [one["name"] for one in found["kernels"]] == ["go-server"]
    mine = {one["id"]: one["status"] for one in found["findings"] if one["kernel"] == name}
    assert mine["kernelspec.current"] == "ok"
    assert mine["engine.built"] == "ok"


def test_a_hubs_kernel_without_a_hub(serve: Serve, folder: Path) -> None:
    """Its start is refused in a sentence, and the machine's findings say the same."""
    name = install(folder, environment="this server", from_hub=True)
    server = serve()

    refused = server.request("POST", "/api/kernels", {"name": name})
    _ended(server, server.request("POST", "/gokernel/environments/machine/checks", {}).content)
    found = server.request("GET", "/gokernel/environments/machine").content["findings"]

    assert refused.status == 500
    assert "was not started by a JupyterHub" in " ".join(refused.content["message"].split())
    [told] = [one for one in found if one["kernel"] == name]
    assert (told["id"], told["status"]) == ("kernelspec.readable", "info")


def test_many_clients_while_a_kernel_runs(
    serve: Serve, folder: Path, conda_prefix: CondaPrefix
) -> None:
    """Fifty poll all there is, a check runs, and a cell is answered: each gets what it asked."""
    prefix = conda_prefix("go=1.27")
    id = _known(folder, prefix)
    name = install(folder, "go-demo", prefix=str(prefix))
    server = serve()
    kernel = server.request("POST", "/api/kernels", {"name": name}).content["id"]
    task = server.request("POST", "/gokernel/checks", {}).content
    paths = ["health", "environments", f"environments/{id}", f"tasks/{task['id']}"]
    wrong: list[object] = []
    done = threading.Event()

    def poll(number: int) -> None:
        turns = 0
        while not done.is_set() or turns < 4:
            path = paths[(number + turns) % len(paths)]
            reply = server.request("GET", f"/gokernel/{path}")
            if reply.status != 200:
                wrong.append((path, reply))
            turns += 1

    threads = [threading.Thread(target=poll, args=(number,)) for number in range(50)]
    for one in threads:
        one.start()
    try:
        said = _execute_in(server, kernel, "s := 0; for i := 0; i < 1000; i++ { s += i }; s")
        _ended(server, task)
    finally:
        done.set()
        for one in threads:
            one.join()

    assert "499500" in said
    assert wrong == []
    assert server.request("GET", "/gokernel/health").content["findings"]


def test_sync_at_start(serve: Serve, folder: Path, conda_prefix: CondaPrefix) -> None:
    """A kernel appears for an environment that has none; the server doesn't wait for it."""
    _known(folder, conda_prefix("go=1.27"))

    server = serve("--GoKernelServer.sync_at_start=True")

    def kernels() -> list[str]:
        found = server.request("GET", "/api/kernelspecs").content["kernelspecs"]
        return [name for name in found if name.startswith("go")]

    assert _until(kernels)
    _until(lambda: "gokernel sync: " in server.log.read_text())
