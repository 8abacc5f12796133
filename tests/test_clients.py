"""One kernel in every client that people use: Jupyter's own, and those that know less."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbclient import NotebookClient

from tests.cli.conftest import CommandLine, cli
from tests.conftest import CondaPrefix
from tests.kernels import execute
from tests.servers import serving

__all__ = ["cli"]  # the fixture is used here, too

# Keeps its own name across cells, and says which Go it runs on.
CELLS = [
    'import (\n\t"fmt"\n\t"runtime"\n)\nx := 6 // six',
    'fmt.Println("Go", runtime.Version(), x*7)',
]
SAID = "Go go1.27.3 42"


@pytest.fixture
def kernel(cli: CommandLine, conda_prefix: CondaPrefix) -> str:
    """The installed kernel's name."""
    assert cli("install", "--env", conda_prefix("go=1.27")).code == 0
    cli.env["PATH"] = f"{Path(sys.executable).parent}:{cli.env['PATH']}"
    return "go-shared"


@pytest.fixture
def notebook(cli: CommandLine, kernel: str) -> Path:
    """A notebook of that kernel, not executed."""
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in CELLS],
        metadata={"kernelspec": {"name": kernel, "display_name": "Go", "language": "go"}},
    )
    path = cli.cwd / "book.ipynb"
    nbformat.write(book, path)
    return path


def _jupyter(cli: CommandLine, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        env=cli.env,
        cwd=cli.cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def _outputs(path: Path) -> str:
    book: Any = nbformat.read(path, as_version=4)
    return "".join(out.get("text", "") for cell in book.cells for out in cell.outputs)


def test_server_lists_it(cli: CommandLine, kernel: str, tmp_path: Path) -> None:
    """Jupyter Server's REST list has the spec with its pictures, which it serves."""
    folder = tmp_path / "server"
    folder.mkdir()
    cli.kernels.parent.rename(folder / "jupyter")
    (folder / "jupyter" / "kernels").rename(folder / "kernels")
    with serving(folder, cli.env) as server:
        specs = server.request("GET", "/api/kernelspecs").content["kernelspecs"]
        found = specs[kernel]
        assert found["spec"]["display_name"] == "Go (conda env: shared)"
        assert found["spec"]["language"] == "go"
        assert set(found["resources"]) == {"logo-svg", "logo-32x32", "logo-64x64"}
        for path in found["resources"].values():
            with urllib.request.urlopen(f"{server.url}{path}?token=test-token") as answer:
                assert answer.status == 200
                assert answer.headers["Content-Type"].startswith("image/")
        session = server.start_session(kernel)
        assert session.status == 201
        assert session.content["kernel"]["name"] == kernel


def test_nbclient(cli: CommandLine, notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbclient runs the notebook and learns the language."""
    for name, value in cli.env.items():
        monkeypatch.setenv(name, value)
    book: Any = nbformat.read(notebook, as_version=4)
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(cli.cwd)}}).execute()
    assert book.cells[1].outputs[0].text.startswith(SAID)
    language = book.metadata.language_info
    assert (language.name, language.file_extension) == ("go", ".go")
    assert language.version.removeprefix("go") == "1.27.3"


def test_nbconvert(cli: CommandLine, notebook: Path) -> None:
    """nbconvert executes it; HTML is highlighted as Go, and a script is a .go file."""
    _jupyter(cli, "nbconvert", "--to", "notebook", "--execute", "--inplace", notebook)
    assert SAID in _outputs(notebook)
    _jupyter(cli, "nbconvert", "--to", "html", notebook)
    html = notebook.with_suffix(".html").read_text()
    assert 'class="highlight hl-go"' in html
    assert re.search(r'<span class="kn">import</span>', html)
    assert re.search(r'<span class="c1">// six', html)
    _jupyter(cli, "nbconvert", "--to", "script", notebook)
    assert "x := 6 // six" in notebook.with_suffix(".go").read_text()


def test_papermill(cli: CommandLine, notebook: Path) -> None:
    """papermill runs it with the kernel that the notebook names."""
    out = cli.cwd / "out.ipynb"
    _jupyter(cli, "papermill", notebook, out)
    assert SAID in _outputs(out)


def test_voila(cli: CommandLine, notebook: Path) -> None:
    """voila renders the page of a Go notebook, outputs and all."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", "voila", notebook.name, "--no-browser", f"--port={port}"]
    with _started([*argv, "--Voila.ip=127.0.0.1"], cli) as process:
        page = _page(f"http://127.0.0.1:{port}/", process)
    assert SAID in page


@contextmanager
def _started(argv: list[str], cli: CommandLine) -> Iterator[subprocess.Popen[bytes]]:
    log = (cli.cwd / "log").open("w+b")
    process = subprocess.Popen(argv, env=cli.env, cwd=cli.cwd, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _page(url: str, process: subprocess.Popen[bytes]) -> str:
    """The page, as soon as the server answers."""
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=120) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:  # not listening yet
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError("the server ended")


@contextmanager
def _by_hand(cli: CommandLine, command: list[str]) -> Iterator[BlockingKernelClient]:
    """What a client does that knows no provisioners: it runs kernel.json's argv itself."""
    file, _ = write_connection_file(str(cli.cwd / "by-hand.json"))
    argv = [word.replace("{connection_file}", file) for word in command]
    with _started(argv, cli):
        client = BlockingKernelClient(connection_file=file)
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=120)
            yield client
        finally:
            client.stop_channels()
            client.context.destroy(linger=0)


@pytest.mark.parametrize("portable", [False, True], ids=["usual", "portable"])
def test_client_without_provisioners(cli: CommandLine, kernel: str, portable: bool) -> None:
    """The argv alone starts the same kernel on the same Go, in a portable spec, too."""
    if portable:
        prefix = cli.kernel(kernel)["metadata"]["gokernel"]["config"]["prefix"]
        assert cli("install", "--env", prefix, "--portable", "--replace").code == 0
    cli.env["GOROOT"] = "/nowhere"
    with _by_hand(cli, cli.kernel(kernel)["argv"]) as client:
        assert SAID in execute(client, "\n".join(CELLS))
        assert "shared" in execute(client, 'import "os"\nos.Getenv("CONDA_DEFAULT_ENV")')


def test_launch_command(cli: CommandLine, kernel: str) -> None:
    """`jupyter gokernel launch` does what the argv does."""
    config = json.dumps(cli.kernel(kernel)["metadata"]["gokernel"]["config"])
    command = cli.argv("launch", "-f", "{connection_file}", "--config", config)
    with _by_hand(cli, command) as client:
        assert SAID in execute(client, "\n".join(CELLS))
    assert cli.process("launch", "-f", "x").code == 2


def test_portable_in_a_usual_client(cli: CommandLine, notebook: Path) -> None:
    """A portable spec is run by Jupyter's own clients through its argv."""
    prefix = cli.kernel("go-shared")["metadata"]["gokernel"]["config"]["prefix"]
    assert cli("install", "--env", prefix, "--portable", "--replace").code == 0
    _jupyter(cli, "nbconvert", "--to", "notebook", "--execute", "--inplace", notebook)
    assert SAID in _outputs(notebook)


def test_jupyters_own_list(cli: CommandLine, kernel: str) -> None:
    """`jupyter kernelspec list` knows it."""
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"],
        env=cli.env,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert kernel in json.loads(listed.stdout)["kernelspecs"]
    assert os.fspath(cli.kernels / kernel) in listed.stdout.decode()
