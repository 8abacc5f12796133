"""Notebooks import private modules, and nothing that is written on the way holds a credential."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests import ready
from tests.conftest import CondaPrefix
from tests.kernels import CellFailed, Kernel, execute, install, running
from tests.private import host, leaks
from tests.private.conftest import PROXIED, SECRET, TOOLS, World
from tests.servers import Server, serving

MISSING = PROXIED.replace("/lib", "/nothing")
BROKEN = PROXIED.replace("/lib", "/broken")


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


def test_errors_in_a_notebook_hold_no_credential(cell: Callable[[str], str]) -> None:
    """What a proxy or a host refuses is told with its address, and without who asked."""
    for module in (MISSING, BROKEN, f"{host.GIT_HOST}/team/nothing.git"):
        said = cell(f'import "{module}"')
        assert said.startswith("failed:")
        assert module in said
        assert not leaks.in_text(said)


def test_reports_hold_no_credential(installed: World) -> None:
    """`env`, `doctor`, `list`, all ways of printing: for the screen, for programs, to paste."""
    for words in (
        ("env", "--kernel", "go-private"),
        ("env", "--kernel", "go-private", "--json"),
        ("env", "--kernel", "go-private", "--explain"),
        ("doctor", "--kernel", "go-private", "--json"),
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


@pytest.fixture
def gonb(
    world: World,
    dev_cache: Path,
    conda_prefix: CondaPrefix,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Kernel]:
    """A GoNB kernel of the same person, with a module cache of its own; `capfd` has its log."""
    prefix = conda_prefix("go=1.26")
    ready.engine(prefix, dev_cache, "gonb")
    name = install(tmp_path, environment="test", prefix=str(prefix), engine="gonb")
    policy = json.loads((world.folder / "config/jupyter_config.json").read_text())
    marked = policy["GoKernelProvisioner"]["policy"]
    env = {
        **world.env,
        **marked,
        "GOKERNEL_POLICY": ",".join(marked),
        "GOMODCACHE": str(tmp_path / "modules"),
    }
    with running(tmp_path, name, env, tmp_path) as kernel:
        yield kernel


def test_gonb_imports_them_and_tells_no_credential(
    gonb: Kernel, capfd: pytest.CaptureFixture[str]
) -> None:
    """The other engine, and its log: what a proxy can't give is told without the token."""
    imports = "\n".join(f'import "{module}"' for module in (TOOLS, SECRET, PROXIED))
    said = gonb.run(f"{imports}\n%%\nfmt.Println(tools.Say(), secret.Say(), lib.Say())")
    assert "tools of the team the team's secret from the proxy" in said
    with pytest.raises(CellFailed) as failed:
        gonb.run(f'import "{BROKEN}"\n%%\nbroken.Say()')
    shown = str(failed.value)
    assert "127.0.0.1 answers with an error (500 Internal Server Error)" in shown
    assert "https://***@127.0.0.1" in shown
    assert not leaks.in_text(said, shown, capfd.readouterr().err)
