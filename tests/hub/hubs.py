"""A real JupyterHub with its proxy, started from the configuration in `jupyterhub_config/local`."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from go_kernel import entry
from tests.hub.client import Api
from tests.hub.house import ROOT, House

CONFIG = ROOT / "jupyterhub_config" / "local" / "jupyterhub_config.py"
PASSWORD = "gophers-only"
# What a test adds to the configuration: a service that may do all.
_MORE = """\
import json, os
load_subconfig({config!r})
c = get_config()
c.JupyterHub.services = [{{"name": "tests", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{
    "name": "tests", "services": ["tests"],
    "scopes": ["admin:users", "admin:servers", "admin:groups", "access:servers", "tokens"],
}}]
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
# Sooner than this module loses its patience: a server that is interrupted in the middle of
# a kernel's start waits for it for ever.
c.LocalProcessSpawner.interrupt_timeout = 15
c.LocalProcessSpawner.term_timeout = 15
"""
_PROXY_APART = """\
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.auth_token = {secret!r}
c.JupyterHub.cleanup_servers = False
"""


_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_ports() -> tuple[int, int, int]:
    """A Hub's public port, its own, and its proxy's, as the configuration counts them.

    Below those that Linux gives to outgoing connections: a Hub that starts seconds later
    would find one of its own ports taken by the connection of another test's server.
    """
    while True:
        with ExitStack() as held:
            try:
                public = _listen(held, random.randrange(20_000, 32_000))
                return public, _listen(held, public + 81), _listen(held, public + 1)
            except (OSError, OverflowError):
                continue  # somebody has one of them


def _listen(held: ExitStack, port: int) -> int:
    one = held.enter_context(socket.socket())
    one.bind(("127.0.0.1", port))
    return int(one.getsockname()[1])


@dataclass
class Hub:
    """A Hub that can be started, killed, and started again over the same database."""

    folder: Path
    env: Mapping[str, str]
    more: str = ""
    house: House | None = None
    user: str = ""
    proxy_apart: bool = False
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ports = free_ports()
        self.url = f"http://127.0.0.1:{self.ports[0]}"
        self.log = self.folder / "hub.log"
        self.config = self.folder / "jupyterhub_config.py"
        text = _MORE.format(config=str(CONFIG), token=self.token)
        apart = _PROXY_APART.format(secret=self.secret) if self.proxy_apart else ""
        self.config.write_text(text + apart + self.more)

    @property
    def api(self) -> Api:
        """Its API, by a token that may do all."""
        return Api(self.url, self.token)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.hub = self._popen([_program("jupyterhub"), "-f", self.config], self.log)
        self._until_it_answers()

    def start_proxy(self) -> None:
        """The proxy, where it is to outlive the Hub."""
        public, hub, proxy = self.ports
        argv = [_program("configurable-http-proxy"), "--ip=127.0.0.1", f"--port={public}"]
        argv += ["--api-ip=127.0.0.1", f"--api-port={proxy}"]
        argv += [f"--default-target=http://127.0.0.1:{hub}"]
        argv += [f"--error-target=http://127.0.0.1:{hub}/hub/error"]
        self._popen(argv, self.folder / "proxy.log")

    def kill(self) -> None:
        """As by kill -9: nothing is tidied up."""
        for one in self.processes(self.hub):
            one.kill()
        self.hub.wait()
        self.running.remove(self.hub)

    def end(self) -> None:
        """As by Ctrl-C: the Hub ends its proxy and servers; what isn't its own is ended too."""
        for one in reversed(self.running):
            for process in self.processes(one):
                process.send_signal(signal.SIGTERM)
            try:
                one.wait(60)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        self.running.clear()

    def _popen(self, argv: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
        words = list(map(str, argv))
        if self.house:
            words = self.house.command(words, self.user)
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder),
            "GOKERNEL_LOCAL_FOLDER": str(self.folder / "state"),
            "GOKERNEL_LOCAL_PORT": str(self.ports[0]),
            "GOKERNEL_LOCAL_AUTH": "password",
            "CONFIGPROXY_AUTH_TOKEN": self.secret,
            **self.env,
        }
        if env["GOKERNEL_LOCAL_AUTH"] == "password":
            env["GOKERNEL_LOCAL_PASSWORD"] = PASSWORD
        with log.open("ab") as stream:
            started = subprocess.Popen(
                words, env=env, cwd=self.folder, stdout=stream, stderr=stream
            )
        self.running.append(started)
        return started

    def processes(self, started: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """The program itself: in a house, what `nsenter` started; none where it has ended."""
        try:
            process = psutil.Process(started.pid)
            return process.children() if self.house else [process]
        except psutil.NoSuchProcess:
            return []

    def _until_it_answers(self) -> None:
        request = urllib.request.Request(f"{self.url}/hub/api/")
        while self.hub.poll() is None:
            try:
                with _direct.open(request, timeout=5) as answer:
                    if "version" in json.load(answer):
                        return
            except urllib.error.HTTPError as error:
                error.close()  # not yet, and its socket is no later test's warning
            except (OSError, ValueError):
                pass  # not yet
            try:
                self.hub.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        raise RuntimeError(f"the Hub ended: {self.log.read_text()}")


def _program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


@contextmanager
def running(hub: Hub) -> Iterator[Hub]:
    """A Hub that answers, until the end of the block."""
    try:
        if hub.proxy_apart:
            hub.start_proxy()
        hub.start()
        yield hub
    finally:
        hub.end()


def build_engine(prefix: Path, dev_cache: Path, home: Path) -> Path:
    """The folder of an environment's engine in the dev cache, built where it isn't there yet."""
    network = {k: v for k, v in os.environ.items() if k.endswith(("PROXY", "CERT_FILE", "NOSUMDB"))}
    env = {
        **network,
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "GOKERNEL_STORE": str(dev_cache / "engines"),
        "GOKERNEL_SITE_STORES": "",
        "GOMODCACHE": str(dev_cache / "gomodcache"),
        "GOCACHE": str(dev_cache / "gocache"),
    }
    command = [*entry.command("cli.main"), "engine", "build", "--json", "--env", str(prefix)]
    done = subprocess.run(
        command, env=env, cwd=home, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return Path(json.loads(done.stdout)["builds"][0]["folder"])
