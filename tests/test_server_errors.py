"""What a person reads in Jupyter when a Go kernel can't start: one sentence and a remedy.

A real Jupyter Server answers three requests: opening a notebook (sessions), starting
a kernel (kernels), and restarting one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from tests.conftest import CondaPrefix
from tests.kernels import CellFailed, execute, install
from tests.servers import Reply, Server, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server's kernels, notebooks and logs are."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server_env(folder: Path, dev_cache: Path) -> dict[str, str]:
    """The environment a server is started in; engines are kept between runs."""
    home = folder / "home"
    home.mkdir()
    return {
        **{k: v for k, v in os.environ.items() if k.endswith(("PROXY", "CERT_FILE", "NOSUMDB"))},
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GOMODCACHE": str(dev_cache / "gomodcache"),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOKERNEL_STORE": str(dev_cache / "engines"),
    }


@pytest.fixture(scope="module")
def server(folder: Path, server_env: dict[str, str]) -> Iterator[Server]:
    """One server for all tests of this file."""
    with serving(folder, server_env) as running:
        yield running


def _go_removed(prefix: Path) -> str:
    (prefix / "bin" / "go").unlink()
    return str(prefix / "bin" / "go")


def _env_removed(prefix: Path) -> str:
    shutil.rmtree(prefix)
    return f"{prefix} does not exist"


def _go_replaced(prefix: Path) -> str:
    go = prefix / "go" / "bin" / "go"
    content = go.read_bytes() + b"\0"
    go.unlink()  # never into a hard link: it is the package cache's file, too
    go.write_bytes(content)
    go.chmod(0o755)
    return "SHA-256 differs"


def _compiler_gone(prefix: Path) -> str:
    # Nothing of the system's is on PATH in this environment, and cgo is asked for.
    (prefix / "conda-meta" / "state").write_text(
        json.dumps({"env_vars": {"CC": "no-such-cc", "CGO_ENABLED": "1"}})
    )
    return "There is no C compiler"


def _no_tools(prefix: Path) -> str:
    shutil.rmtree(prefix / "go" / "pkg" / "tool")
    return "has no compiler"


BREAKAGES = [_go_removed, _env_removed, _go_replaced, _compiler_gone, _no_tools]


def _is_a_sentence(reply: Reply, expected: str) -> None:
    message = reply.content["message"]
    assert reply.status == 500
    assert expected in " ".join(message.split())
    # Lab's dialog breaks no line, and cuts off what is longer.
    assert max(map(len, message.splitlines())) <= max(90, len(max(message.split(), key=len)))
    assert "Traceback" not in message
    assert "HTTP 500" not in message


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_opening_and_starting(
    server: Server,
    folder: Path,
    conda_prefix: CondaPrefix,
    breakage: Callable[[Path], str],
) -> None:
    """The reply's message, which Lab shows in a dialog, is our sentence; the log has it once."""
    prefix = conda_prefix("go=1.27", name=f"broken{breakage.__name__}")
    name = install(folder, f"go{breakage.__name__}", prefix=str(prefix))
    expected = breakage(prefix)
    before = len(server.log.read_text())

    _is_a_sentence(server.start_session(name), expected)
    _is_a_sentence(server.request("POST", "/api/kernels", {"name": name}), expected)
    assert server.request("GET", "/api/kernels").content == []
    # Besides these there are Jupyter's own lines about a request that failed.
    log = server.log.read_text()[before:]
    said = [line for line in log.splitlines() if line.startswith("[E ") and expected in line]
    assert len(said) == 2
    assert "Traceback" not in log


def test_store_that_cannot_be_used(
    folder: Path, server_env: dict[str, str], conda_prefix: CondaPrefix, tmp_path: Path
) -> None:
    """An engine store that everybody may write is refused, by name."""
    store = tmp_path / "store"
    store.mkdir(mode=0o777)
    store.chmod(0o777)
    prefix = conda_prefix("go=1.27")
    name = install(folder, "go-store", prefix=str(prefix))
    with serving(folder, {**server_env, "GOKERNEL_STORE": str(store)}) as other:
        reply = other.start_session(name)

    _is_a_sentence(reply, str(store))


def test_restart_tells_in_the_notebook_and_recovers(
    server: Server, folder: Path, conda_prefix: CondaPrefix
) -> None:
    """A restart into a broken environment: each cell gives the sentence, until it is mended."""
    prefix = conda_prefix("go=1.27", name="restarted")
    name = install(folder, "go-restarted", prefix=str(prefix))
    kernel = server.request("POST", "/api/kernels", {"name": name}).content["id"]
    go = prefix / "bin" / "go"
    target = go.readlink()

    go.unlink()
    restarted = server.request("POST", f"/api/kernels/{kernel}/restart")
    assert restarted.status == 200
    with pytest.raises(CellFailed) as caught:
        _execute_in(server, kernel, "1+1")
    assert f"{go} is gone" in str(caught.value)

    go.symlink_to(target)
    assert server.request("POST", f"/api/kernels/{kernel}/restart").status == 200
    assert "2" in _execute_in(server, kernel, "1+1")
    server.request("DELETE", f"/api/kernels/{kernel}")


def _execute_in(server: Server, kernel: str, code: str) -> str:
    client = BlockingKernelClient()
    client.load_connection_file(str(server.runtime / f"kernel-{kernel}.json"))
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        return execute(client, code)
    finally:
        client.stop_channels()


def test_a_failed_start_does_not_keep_the_server_from_ending(
    folder: Path, server_env: dict[str, str], conda_prefix: CondaPrefix
) -> None:
    """One kernel runs, another could not start: SIGTERM still ends the server and the kernel."""
    good = install(folder, "go-good", prefix=str(conda_prefix("go=1.27")))
    bad = install(folder, "go-bad", prefix="/nowhere/envs/gone")
    with serving(folder, server_env) as other:
        assert other.start_session(good).status == 201
        _is_a_sentence(other.start_session(bad), "/nowhere/envs/gone does not exist")
    # Leaving the block sends SIGTERM and fails where the server doesn't end.
