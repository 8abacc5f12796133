"""A Jupyter Server that is told to end while a Go kernel is being started ends at once.

The start waits for an activation script that never comes to its end: what an engine that
is being built is, or a disk that doesn't answer.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

import psutil
import pytest

from tests import prefixes
from tests.kernels import install
from tests.processes import has_ended
from tests.servers import Server, serving

# A start that nothing ends by itself while a test runs.
_PATIENT = "--GoKernelProvisioner.activation_timeout=3000"
_STOPS = [signal.SIGINT, signal.SIGTERM]


@pytest.fixture
def env(clean_env: dict[str, str], dev_cache: Path) -> dict[str, str]:
    """The environment a server is started in; engines are kept between runs."""
    return {**clean_env, "GOKERNEL_STORE": str(dev_cache / "engines")}


@contextmanager
def _starting(folder: Path, server: Server) -> Iterator[int]:
    """A kernel that is being started meanwhile: the process id of its activation script."""
    fifo = folder / "started"
    os.mkfifo(fifo)
    prefix = prefixes.go_prefix(folder / "envs" / "slow")
    prefixes.script(prefix, "it.sh", f"echo $$ >{fifo}\nexec sleep 3000")
    name = install(folder, "go-slow", prefix=str(prefix))

    def start() -> None:
        with suppress(OSError, HTTPException):  # the server goes away before it answers
            server.start_session(name)

    asking = threading.Thread(target=start)
    asking.start()
    yield int(fifo.read_text())
    asking.join()


def _end(server: Server, how: signal.Signals) -> None:
    (info,) = server.runtime.glob("jpserver-*.json")
    process = psutil.Process(int(info.stem.removeprefix("jpserver-")))
    process.send_signal(how)
    process.wait(60)


@pytest.mark.parametrize("how", _STOPS)
def test_a_server_ends_while_a_kernel_starts(
    how: signal.Signals, tmp_path: Path, env: dict[str, str]
) -> None:
    """What the start was waiting for ends, too, and nothing is said of it."""
    with serving(tmp_path, env, _PATIENT) as server, _starting(tmp_path, server) as script:
        _end(server, how)
        assert has_ended(script)
        assert "Traceback" not in server.log.read_text()


def test_a_server_with_another_kernel_ends_while_one_starts(
    tmp_path: Path, env: dict[str, str]
) -> None:
    """SIGTERM ends the running one, and the start, and the server."""
    kernel = tmp_path / "kernels" / "python"
    kernel.mkdir(parents=True)
    argv = f'["{sys.executable}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"]'
    (kernel / "kernel.json").write_text(
        f'{{"argv": {argv}, "display_name": "Python", "language": "python"}}'
    )
    with serving(tmp_path, env, _PATIENT) as server:
        assert server.start_session("python").status == 201
        with _starting(tmp_path, server) as script:
            _end(server, signal.SIGTERM)
            assert has_ended(script)


_PROGRAM = """
import asyncio, pathlib, sys
from go_kernel import process
from go_kernel.threads import in_thread

folder = pathlib.Path(sys.argv[1])

def work():
    try:
        process.run(["/bin/sh", "-c", "echo begun >&2; sleep 3000"],
                    env={}, timeout=3000, on_line=lambda line: print(line, flush=True))
    finally:
        (folder / "tidied").touch()

async def main():
    asyncio.ensure_future(in_thread(work, tidies=True))
    await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


def test_a_thread_tidies_up_when_the_interpreter_ends(tmp_path: Path) -> None:
    """Its program ends, and it gets to the end of what it does about that."""
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        _, said = program.communicate(b"\n", timeout=60)
    assert (program.returncode, said) == (0, b"")
    assert (tmp_path / "tidied").exists()
