"""The kernel that says why there is no kernel, spoken to as a client would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from go_kernel import standin

SENTENCE = "The conda environment /envs/gone does not exist any more. Create it again."


@pytest.fixture
def connection_file(tmp_path: Path) -> str:
    """A connection file with free ports."""
    file = str(tmp_path / "kernel-1.json")
    # Without a key nobody is a stranger: nothing is signed, as the protocol has it.
    path, _ = write_connection_file(file, ip="127.0.0.1", key=b"a key")
    return path


@pytest.fixture
def process(connection_file: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running stand-in."""
    started = subprocess.Popen(standin.command(connection_file, SENTENCE))
    yield started
    started.kill()
    started.wait()


@pytest.fixture
def client(
    process: subprocess.Popen[bytes], connection_file: str
) -> Iterator[BlockingKernelClient]:
    """A client of it."""
    connected = BlockingKernelClient()
    connected.load_connection_file(connection_file)
    connected.start_channels()
    connected.wait_for_ready(timeout=30)
    yield connected
    connected.stop_channels()


def test_every_cell_gives_the_sentence(client: BlockingKernelClient) -> None:
    """A cell's error names what is wrong and what to do, in the reply and in the output."""
    outputs = []
    reply = client.execute_interactive(
        "fmt.Println(1)", output_hook=lambda m: outputs.append(m), timeout=20
    )

    assert reply["content"]["status"] == "error"
    assert reply["content"]["evalue"] == SENTENCE
    (error,) = [m["content"] for m in outputs if m["msg_type"] == "error"]
    assert error["traceback"] == [SENTENCE]


def test_kernel_info_carries_the_sentence(client: BlockingKernelClient) -> None:
    """A client that only asks who is there reads it in the banner."""
    info = client.kernel_info(reply=True, timeout=20)["content"]

    assert info["banner"] == SENTENCE
    assert info["language_info"]["name"] == "go"


def test_shutdown_ends_it(client: BlockingKernelClient, process: subprocess.Popen[bytes]) -> None:
    """It leaves when asked to, with its reply delivered."""
    reply = client.shutdown(reply=True, timeout=20)

    assert reply["content"]["status"] == "ok"
    assert process.wait(20) == 0


def test_a_wrongly_signed_message_is_passed_over(
    client: BlockingKernelClient, connection_file: str
) -> None:
    """A stranger on the port can't make it talk or end."""
    content = json.loads(Path(connection_file).read_text())
    stranger = BlockingKernelClient()
    stranger.load_connection_info({**content, "key": b"another"})
    stranger.start_channels()
    try:
        stranger.shutdown()
        assert client.kernel_info(reply=True, timeout=20)["content"]["banner"] == SENTENCE
    finally:
        stranger.stop_channels()


def test_it_ends_with_the_process_that_started_it(connection_file: str) -> None:
    """A killed server leaves no stand-in behind."""
    starter = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen(sys.argv[1:], start_new_session=True)\n"
        "print(p.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = standin.command(connection_file, SENTENCE)
    parent = subprocess.Popen(
        [sys.executable, "-c", starter, *command], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    client = BlockingKernelClient()
    client.load_connection_file(connection_file)
    client.start_channels()
    client.wait_for_ready(timeout=30)
    client.stop_channels()

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 20
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the stand-in outlived its parent"
        time.sleep(0.05)
