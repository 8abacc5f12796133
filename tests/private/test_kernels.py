"""Notebooks import private modules, and nothing that is written on the way holds a credential."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.conftest import CondaPrefix
from tests.kernels import CellFailed, execute
from tests.private import host, leaks
from tests.private.conftest import PROXIED, SECRET, TOOLS
from tests.private.test_ways import git_variables
from tests.servers import Server, serving

REPOSITORY = Path(__file__).parents[2]
MISSING = PROXIED.replace("/lib", "/nothing")


@dataclass
class World:
    """A person's folder with everything that is theirs, and the prefix of their kernel."""

    folder: Path
    env: dict[str, str]
    prefix: Path

    def cli(self, *words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """A `jupyter gokernel` command of theirs."""
        env = {**self.env, **more}
        argv = [sys.executable, "-m", "go_kernel.cli.main", *map(str, words)]
        return subprocess.run(
            argv, env=env, cwd=self.folder, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def world(
    site: host.Site,
    dev_cache: Path,
    conda_prefix: CondaPrefix,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """All ways at once: a token in GOPROXY, git's rule and header as policy, ~/.netrc.

    Engines come from a site's store; everything else is written below one folder.
    """
    folder = tmp_path_factory.mktemp("ada")
    for name in ("home", "config"):
        (folder / name).mkdir()
    site.netrc(folder / "home/.netrc")
    policy = {
        "GOPROXY": site.proxy(host.TOKEN),
        "GOPRIVATE": host.GIT_HOST,
        # Once it is set, what GOPRIVATE names no longer belongs to it by itself.
        "GONOSUMDB": f"{host.GIT_HOST},{PROXIED}",
        **git_variables(
            [
                (f"url.https://{site.address}/git/team/tools.insteadOf", f"https://{TOOLS[:-4]}"),
                (f"http.https://{site.address}/.extraHeader", f"Authorization: Basic {BASIC}"),
            ]
        ),
    }
    (folder / "config/jupyter_config.json").write_text(
        json.dumps({"GoKernelProvisioner": {"policy": policy}})
    )
    env = {
        **site.trust,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder / "home"),
        "PYTHONPATH": str(REPOSITORY),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOMODCACHE": str(folder / "modules"),
        "GOFLAGS": "-modcacherw",
        "GOKERNEL_STORE": str(folder / "engines"),
        "GOKERNEL_SITE_STORES": str(dev_cache / "engines"),
        "HTTPS_PROXY": site.way_out,
        "NO_PROXY": "127.0.0.1",
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    return World(folder, env, conda_prefix("go=1.26"))


BASIC = leaks.basic()


@pytest.fixture(scope="module")
def installed(world: World) -> World:
    """Its kernel is installed."""
    done = world.cli("install", "--env", world.prefix, "--name", "go-private")
    assert done.returncode == 0, done.stderr
    assert not leaks.in_text(done.stdout, done.stderr)
    return world


@pytest.fixture(scope="module")
def server(installed: World) -> Iterator[Server]:
    """The person's server, which ends with the module."""
    with serving(installed.folder, installed.env) as started:
        yield started


@pytest.fixture(scope="module")
def cell(server: Server, installed: World) -> Iterator[Callable[[str], str]]:
    """`cell(code)`: what a cell of one kernel under that server gives, or its error's text."""
    reply = server.start_session("go-private")
    assert reply.status == 201, reply
    kernel = reply.content["kernel"]["id"]
    client = BlockingKernelClient()
    client.load_connection_file(str(server.runtime / f"kernel-{kernel}.json"))
    client.start_channels()

    def run(code: str) -> str:
        try:
            return execute(client, code)
        except CellFailed as failed:
            return f"failed: {failed}"

    try:
        client.wait_for_ready(timeout=60)
        yield run
    finally:
        client.stop_channels()
        server.request("DELETE", f"/api/kernels/{kernel}")


@pytest.mark.parametrize(
    ("module", "name", "says"),
    [
        (TOOLS, "tools", "tools of the team"),
        (SECRET, "secret", "the team's secret"),
        (PROXIED, "lib", "from the proxy"),
    ],
)
def test_a_notebook_imports_them(
    cell: Callable[[str], str], module: str, name: str, says: str
) -> None:
    """From git by policy, from git by netrc, from a proxy by a token; downloads are shown."""
    shown = cell(f'import "{module}"')
    assert f"go: downloading {module} v1.1.0" in shown
    assert not leaks.in_text(shown)
    assert cell(f"{name}.Say()") == says


def test_reports_hold_no_credential(installed: World) -> None:
    """`env`, `doctor`, `list`, all ways of printing: for the screen, for programs, to paste."""
    for words in (
        ("env", "--kernel", "go-private"),
        ("env", "--kernel", "go-private", "--json"),
        ("env", "--kernel", "go-private", "--explain"),
        ("doctor", "--kernel", "go-private"),
        ("doctor", "--kernel", "go-private", "--deep", "--json"),
        ("doctor", "--kernel", "go-private", "--report"),
        ("list", "--json"),
    ):
        done = installed.cli(*words)
        assert done.stdout, done.stderr
        assert not leaks.in_text(done.stdout, done.stderr), words


def test_a_failed_build_holds_no_credential(
    installed: World, goroot: Callable[[str], Path]
) -> None:
    """A proxy that is asked with a token has not got the engine: the error and its output."""
    done = installed.cli("engine", "build", "--go", goroot("1.26"), GOKERNEL_SITE_STORES="")
    assert done.returncode == 1
    assert "404" in done.stderr
    assert not leaks.in_text(done.stdout, done.stderr)


def test_nothing_that_was_written_holds_a_credential(
    cell: Callable[[str], str], installed: World, server: Server
) -> None:
    """Kernelspecs, logs, caches, kept plugins, the module cache with git's repositories."""
    cell(f'import "{TOOLS}"')
    written = {path.name for path in installed.folder.rglob("*")}
    assert {"kernel.json", server.log.name, "modules", "plugins"} <= written
    theirs = {"home/.netrc", "config/jupyter_config.json"}
    found = {os.path.relpath(name, installed.folder) for name in leaks.in_folder(installed.folder)}
    assert found == theirs
