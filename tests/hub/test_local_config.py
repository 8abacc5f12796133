"""The local configuration by itself: safe as it stands, and one sentence where it can't work."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from traitlets.config.loader import PyFileConfigLoader

from go_kernel.hub import single
from tests import prefixes
from tests.hub.house import ROOT
from tests.hub.hubs import CONFIG, PASSWORD, free_ports

Load = Callable[..., Any]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """`load(PASSWORD="…")`: what the configuration says for a person with these settings."""
    for name in list(os.environ):
        if name.startswith(("GOKERNEL_", "CONDA", "MAMBA", "XDG_", "JUPYTER")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def loaded(**settings: str) -> Any:
        usual = {
            "PASSWORD": PASSWORD,
            "FOLDER": str(tmp_path / "hub"),
            "SPAWNER": "simple",
            "PORT": str(free_ports()[0]),
        }
        for name, value in {**usual, **settings}.items():
            monkeypatch.setenv(f"GOKERNEL_LOCAL_{name}", value)
        return PyFileConfigLoader(CONFIG.name, str(CONFIG.parent)).load_config()

    return loaded


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of one environment."""
    content = {"environments": {"go": {"prefix": "/opt/go", "name": "Go for all"}}}
    return prefixes.write(tmp_path / "list.json", json.dumps(content))


def test_safe_as_it_stands(load: Load, listed: Path, tmp_path: Path) -> None:
    """This machine's own address, no root, no folder as a name, nothing that others may read."""
    port, hub_port, proxy_port = free_ports()

    config = load(ENVIRONMENTS=str(listed), PORT=str(port))

    assert config.JupyterHub.bind_url == f"http://127.0.0.1:{port}"
    assert config.JupyterHub.hub_port == hub_port
    assert config.ConfigurableHTTPProxy.api_url == f"http://127.0.0.1:{proxy_port}"
    assert config.JupyterHub.authenticator_class == "shared-password"
    assert config.SharedPasswordAuthenticator.user_password == PASSWORD
    assert config.Authenticator.blocked_users == {"root"}
    assert config.JupyterHub.spawner_class == "gokernel-simple"
    private = tmp_path / "hub" / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert str(private) in config.JupyterHub.db_url
    assert str(private) in config.JupyterHub.cookie_secret_file
    offered = {"go": {"prefix": "/opt/go", "display_name": "Go for all"}}
    assert config.GoSpawnerMixin.go_environments == offered


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests: the configuration takes them for root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


class _Up(BaseHTTPRequestHandler):
    """Says that it is there."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def _said_when_up(load: Load, **settings: str) -> None:
    """Load the configuration as the Hub does, whose ports answer after that."""
    ports = free_ports()

    async def started() -> None:
        load(**settings, PORT=str(ports[0]))
        with ExitStack() as stack:
            for port in ports[:2]:
                server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", port), _Up))
                threading.Thread(target=server.serve_forever, daemon=True).start()
                stack.callback(server.shutdown)
            await asyncio.gather(*single._tasks)

    asyncio.run(started())


def test_new_password_each_time(
    load: Load, listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """Without one of the person's own it is made up; nothing is printed before the Hub is up."""
    first, second = (
        load(
            ENVIRONMENTS=str(listed), PASSWORD="", FOLDER=str(tmp_path / name)
        ).SharedPasswordAuthenticator.user_password
        for name in "ab"
    )

    assert first != second
    assert len(first) >= 12
    assert capsys.readouterr().out == ""


def test_a_list_that_cannot_be_used(load: Load, tmp_path: Path) -> None:
    """The Hub ends before it starts, and names what is wrong."""
    content = {"environments": {"Go": {"prefix": "/opt/go"}}}
    file = prefixes.write(tmp_path / "list.json", json.dumps(content))

    with pytest.raises(SystemExit, match="'Go' is no id"):
        load(ENVIRONMENTS=str(file))


def test_address_and_password_come_last(
    load: Load, listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    """Once the Hub answers; a password of the person's own is not shown."""
    _said_when_up(load, ENVIRONMENTS=str(listed), PASSWORD="")
    made_up = capsys.readouterr().out
    _said_when_up(load, ENVIRONMENTS=str(listed), FOLDER=str(tmp_path / "other"))
    own = capsys.readouterr().out

    address = r"\nJupyterHub: http://127\.0\.0\.1:\d+\nLog in with any name and the password "
    assert re.match(address + r"\S{12,}\n", made_up)
    assert re.match(address + "in GOKERNEL_LOCAL_PASSWORD\n", own)
    assert PASSWORD not in own


def test_accounts_have_their_own_passwords(load: Load, listed: Path, as_root: None) -> None:
    """Root's Hub: PAM unless root says otherwise; engines are root's to build."""
    config = load(ENVIRONMENTS=str(listed), PASSWORD="", SPAWNER="")

    assert config.JupyterHub.authenticator_class == "pam"
    assert config.JupyterHub.spawner_class == "gokernel-local"
    assert "GOKERNEL_STORE" not in config.Spawner.environment
    folder = Path(config.Spawner.environment["JUPYTER_CONFIG_PATH"])
    written = json.loads((folder / "jupyter_server_config.json").read_text())
    assert written["GoKernelProvisioner"]["build_at_launch"] is False


def test_one_password_for_all_accounts_is_asked_for(
    load: Load, listed: Path, as_root: None, capsys: pytest.CaptureFixture
) -> None:
    """By a word of its own, and with a warning."""
    settings = {"ENVIRONMENTS": str(listed), "AUTH": "password", "SPAWNER": "local"}
    _said_when_up(load, **settings)

    assert "Warning: this one password opens every account" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ada;id", "ada$(id)", "a b", "a..", "a" * 100, "aé", "ada\n"])
def test_names_that_only_begin_well(load: Load, listed: Path, name: str) -> None:
    """The Hub asks how a name begins; the pattern says where it ends."""
    pattern = load(ENVIRONMENTS=str(listed)).Authenticator.username_pattern

    assert re.match(pattern, "ada-9") is not None
    assert re.match(pattern, name) is None


def test_second_start_in_a_folder(load: Load, listed: Path, tmp_path: Path) -> None:
    """It ends with the address of the first, and changes nothing of it."""
    port = str(free_ports()[0])
    load(ENVIRONMENTS=str(listed), PORT=port)
    files = {one: one.stat().st_mtime_ns for one in (tmp_path / "hub").rglob("*")}

    with pytest.raises(SystemExit) as raised:
        load(ENVIRONMENTS=str(listed))

    said = str(raised.value)
    for part in (f"http://127.0.0.1:{port}", f"kill {os.getpid()}", "GOKERNEL_LOCAL_FOLDER"):
        assert part in said
    assert {one: one.stat().st_mtime_ns for one in (tmp_path / "hub").rglob("*")} == files


def test_folder_is_free_when_its_hub_was_killed(tmp_path: Path) -> None:
    """Even if what it started lives on."""
    code = """
import os, pathlib, signal, subprocess, sys
from go_kernel.hub import single
single.hold(pathlib.Path(sys.argv[1]), "http://127.0.0.1:1")
print(subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    argv = [sys.executable, "-c", code, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(argv, env=env, stdout=subprocess.PIPE, timeout=60, check=False)
    try:
        assert ended.returncode == -signal.SIGKILL
        single.hold(tmp_path, "http://127.0.0.1:2")
    finally:
        os.kill(int(ended.stdout), signal.SIGKILL)


@pytest.mark.parametrize("above", [0, 1, 81])
def test_port_in_use(load: Load, listed: Path, above: int) -> None:
    """Which of the three it is, and what to set."""
    port = free_ports()[0]
    with (
        socket.create_server(("127.0.0.1", port + above)),
        pytest.raises(SystemExit, match=f"Port {port + above} .*GOKERNEL_LOCAL_PORT") as raised,
    ):
        load(ENVIRONMENTS=str(listed), PORT=str(port))

    assert "\n" not in str(raised.value)


def test_proxy_that_outlived_its_hub(load: Load, listed: Path, tmp_path: Path) -> None:
    """JupyterHub ends it by its process's id: its port is no reason to stop."""
    port = free_ports()[0]
    prefixes.write(tmp_path / "hub" / "private" / "proxy.pid", str(os.getpid()))
    with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
        load(ENVIRONMENTS=str(listed), PORT=str(port))


def test_environments_of_one_name_are_told_apart(load: Load, tmp_path: Path) -> None:
    """Ids are made of names; two of one name differ, and a broken one isn't offered."""
    folders = [tmp_path / "a" / "My Env", tmp_path / "b" / "my env", tmp_path / "go-1.26"]
    for one in folders:
        prefixes.go_prefix(one)
    broken = prefixes.go_prefix(tmp_path / "broken")
    (broken / "go" / "VERSION").unlink()
    known = "\n".join(map(str, [*folders, broken]))
    prefixes.write(tmp_path / "home" / ".conda" / "environments.txt", known + "\n")

    offered = load().GoSpawnerMixin.go_environments

    assert {name: one["prefix"] for name, one in offered.items()} == dict(
        zip(("my-env", "my-env-2", "go-1.26"), map(str, folders), strict=True)
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "no conda environment with Go was found"),
        ({"ENVIRONMENTS": "{folder}/none.json"}, "there is no file"),
        ({"ENVIRONMENTS": "{folder}/bad.json"}, "is no JSON like"),
        ({"PASSWORD": "short"}, "needs 8 letters or more"),
        ({"PORT": "http"}, "GOKERNEL_LOCAL_PORT=http is no number from 1 to "),
        ({"PORT": "65530"}, "is no number from 1 to "),
        ({"AUTH": "PAM"}, "GOKERNEL_LOCAL_AUTH=PAM is neither pam nor password"),
        ({"SPAWNER": "Local"}, "GOKERNEL_LOCAL_SPAWNER=Local is neither simple nor local"),
        ({"FOLDER": "{folder}/bad.json"}, "can't be used .* set GOKERNEL_LOCAL_FOLDER"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    load: Load, tmp_path: Path, settings: dict[str, str], expected: str
) -> None:
    """The Hub ends before it starts."""
    prefixes.write(tmp_path / "bad.json", '{"environments": {"go": "/opt/go"}}')

    with pytest.raises(SystemExit, match=expected) as raised:
        load(**{name: value.format(folder=tmp_path) for name, value in settings.items()})

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("settings", [{"AUTH": "pam"}, {"SPAWNER": "local", "AUTH": "password"}])
def test_accounts_need_root(
    load: Load, listed: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    """Said before the start, not at the first log-in."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(SystemExit, match="needs root"):
        load(ENVIRONMENTS=str(listed), PASSWORD="", **settings)


def test_password_that_nobody_would_ask_for(load: Load, listed: Path, as_root: None) -> None:
    """Who sets one believes that it counts."""
    with pytest.raises(SystemExit, match="accounts have their own"):
        load(ENVIRONMENTS=str(listed), SPAWNER="local")
