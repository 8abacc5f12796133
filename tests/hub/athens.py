"""A real Athens on a loopback port, getting modules from where this machine gets them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from go_kernel.process import run
from tools.athens import ATHENS

_TRIES = 3
_READY = "/readyz"
# What a go command of Athens' needs to reach where this machine gets modules from.
_NETWORK = ("GONOPROXY", "GOINSECURE", "NETRC", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Athens:
    """A running one: its address, what it says it did, and what it keeps."""

    url: str
    log: Path
    storage: Path

    @property
    def asked(self) -> list[str]:
        """The paths that clients asked it for, in order."""
        requests = re.findall(r"incoming request\s.*?http-path=(\S+)", self.log.read_text())
        return [path for path in requests if path != _READY]

    def keeps(self, module: str, version: str) -> bool:
        """Whether it has stored that version whole."""
        return (self.storage / module / version / "source.zip").is_file()


@contextmanager
def running(folder: Path, env: Mapping[str, str] = os.environ) -> Iterator[Athens]:
    """Athens with an empty storage below `folder`; ended, with all its children, at the end.

    It starts no version control system: what the environment's own proxy hasn't got, it
    hasn't got either.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in reversed(range(_TRIES)):
        port = _free_port()
        made = Athens(f"http://127.0.0.1:{port}", folder / "athens.log", folder / "storage")
        with made.log.open("wb") as stream:
            process = subprocess.Popen(
                [ATHENS.built(env)],
                env=_variables(made, port, folder, env),
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd=folder,
            )
        try:
            # Another program may have taken the port since we looked.
            if not _answers(process, made) and left:
                continue
            assert process.poll() is None, made.log.read_text()
            yield made
            return
        finally:
            process.terminate()
            process.wait(60)


def upstream(env: Mapping[str, str]) -> str:
    """The proxies that `go` asks on this machine, without `direct`."""
    own = {**env, "GOTOOLCHAIN": "local"}
    said = run([f"{ATHENS.goroot(env)}/bin/go", "env", "GOPROXY"], env=own, timeout=60).stdout
    kept = re.sub(r"[,|]direct\b", "", said.strip())
    return "off" if kept == "direct" else kept


def _variables(made: Athens, port: int, folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    goroot = ATHENS.goroot(env)
    for name in ("home", "work", "storage"):
        (folder / name).mkdir(exist_ok=True)
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
    network = {name: env[name] for name in _NETWORK if name in env}
    # No checksum database is asked here: what modules hold is the business of their users.
    go = {**network, "GOPROXY": upstream(env), "GOSUMDB": "off", "GOTOOLCHAIN": "local"}
    go["GOFLAGS"] = "-modcacherw"
    return {
        **{name: env[name] for name in proxies if name in env},
        "PATH": f"{goroot}/bin:/usr/bin:/bin",
        "GOROOT": str(goroot),
        "HOME": str(folder / "home"),
        "ATHENS_PORT": f"127.0.0.1:{port}",
        "ATHENS_STORAGE_TYPE": "disk",
        "ATHENS_DISK_STORAGE_ROOT": str(made.storage),
        "ATHENS_GOGET_DIR": str(folder / "work"),
        "ATHENS_DOWNLOAD_MODE": "sync",
        "ATHENS_STATS_EXPORTER": "",
        "ATHENS_SHUTDOWN_TIMEOUT": "5",
        "ATHENS_GO_BINARY_ENV_VARS": ";".join(f"{name}={value}" for name, value in go.items()),
        "NO_COLOR": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], made: Athens) -> bool:
    """Whether it listens and says that it is ready; False once it has ended."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"{made.url}{_READY}", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            try:
                process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
    return False
