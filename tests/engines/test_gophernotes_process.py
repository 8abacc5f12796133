"""The mended gophernotes as a process: what it starts, where it writes, when it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from go_kernel.engines.store import Build
from go_kernel.ports import wait_until_open
from go_kernel.toolchain import Toolchain
from tests.engines.conftest import StartKernel

UUID = 'import "github.com/google/uuid"\n'
PARSE = 'uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8").Version()'


@pytest.fixture
def logged_go(toolchain_of: Callable[[str], Toolchain], tmp_path: Path) -> tuple[Path, Path]:
    """A `go` that writes down how it is called, and the file that it writes to."""
    real, log = toolchain_of("1.26").go, tmp_path / "calls"
    go = tmp_path / "named" / "go"
    go.parent.mkdir()
    go.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\nexec "{real}" "$@"\n')
    go.chmod(0o755)
    return go, log


def test_a_start_runs_no_go(start: StartKernel, logged_go: tuple[Path, Path]) -> None:
    """Start-up, and the import of built-in packages, start no process at all."""
    go, log = logged_go
    with start("1.26", GOKERNEL_GO=str(go)) as kernel:
        kernel.run('import ("fmt"; "net/http"; "encoding/json"; "reflect")')
        kernel.run("http.StatusText(404)")
        assert not log.exists()
        kernel.run(UUID)
        assert [line.split()[0] for line in log.read_text().splitlines()] == [
            "get",
            "list",
            "build",
        ]


def test_without_prepared_declarations_it_starts_too(
    start: StartKernel, logged_go: tuple[Path, Path]
) -> None:
    """Where the prepared files are gone, the named `go` is asked instead."""
    go, log = logged_go
    with start("1.26", GOKERNEL_GO=str(go), GOKERNEL_STD_EXPORTS="/nonexistent") as kernel:
        assert kernel.run('import "strings"\nstrings.ToUpper("a")') == "A"
        assert log.read_text().startswith("list ")


def test_a_planted_go_is_never_run(start: StartKernel, tmp_path: Path) -> None:
    """A `go` earlier on PATH is not what an import is compiled with."""
    planted = tmp_path / "planted" / "go"
    planted.parent.mkdir()
    planted.write_text(f'#!/bin/sh\necho ran > "{tmp_path}/ran"\nexit 1\n')
    planted.chmod(0o755)

    path = f"{planted.parent}:/usr/bin:/bin"
    for named in ({}, {"GOKERNEL_GO": ""}):  # without a name GOROOT's own is taken
        with start("1.26", PATH=path, **named) as kernel:
            kernel.run(UUID)
            assert kernel.run(PARSE) == "VERSION_1"
    assert not (tmp_path / "ran").exists()


def test_plugins_are_made_in_the_scratch_folder(
    start: StartKernel, logged_go: tuple[Path, Path], tmp_path: Path
) -> None:
    """Each kernel's in its own; what was loaded leaves no file."""
    go, log = logged_go
    folders = [tmp_path / "scratch-1", tmp_path / "scratch-2"]
    for folder in folders:
        with start("1.26", GOKERNEL_SCRATCH=str(folder), GOKERNEL_GO=str(go)) as kernel:
            kernel.run(UUID)
            # Empty as long as the kernel lives: where the runtime would say why it ends.
            assert [path.name for path in folder.iterdir()] == ["crash.txt"]
            home = Path(kernel.run('import "os"\nos.Getenv("HOME")'))
    made = [Path(file) for file in re.findall(r" -o=(\S+)", log.read_text())]
    assert [file.parent.parent for file in made] == folders
    assert not (home / "go" / "src").exists()


def test_a_scratch_folder_of_ones_own_is_removed(start: StartKernel, tmp_path: Path) -> None:
    """A kernel that nobody gave a folder makes one and cleans up when it is told to end."""
    with start("1.26") as kernel:
        kernel.run(UUID)
        assert list(tmp_path.glob("gokernel-*"))
        process = psutil.Process(kernel.pid)
        kernel.client.shutdown()
        process.wait(timeout=10)
    assert list(tmp_path.glob("gokernel-*")) == []


SERVER = """
import json, os, subprocess, sys
argv, env = json.loads(sys.stdin.read())
env.setdefault("JPY_PARENT_PID", str(os.getpid()))
kernel = subprocess.Popen(argv, env=env, start_new_session=True)
print(kernel.pid, flush=True)
kernel.wait()
"""


@pytest.fixture
def orphan(
    built: Callable[..., Build],
    toolchain_of: Callable[[str], Toolchain],
    kernel_variables: Callable[..., dict[str, str]],
    tmp_path: Path,
) -> Iterator[Callable[..., tuple[subprocess.Popen[str], psutil.Process, str]]]:
    """`orphan()`: a process that stands for a server, its kernel, the connection file."""
    started: list[psutil.Process] = []

    def get(**more: str) -> tuple[subprocess.Popen[str], psutil.Process, str]:
        chain, engine = toolchain_of("1.26"), built("1.26")
        file, connection = write_connection_file(str(tmp_path / "kernel-x.json"), ip="127.0.0.1")
        env = {**kernel_variables(chain), **engine.variables, "GOKERNEL_GO": str(chain.go), **more}
        argv = [sys.executable, "-c", SERVER]
        pipe = subprocess.PIPE
        server = subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True)
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps([engine.argv(file), env]))
        server.stdin.close()
        kernel = psutil.Process(int(server.stdout.readline()))
        server.stdout.close()
        started.append(kernel)
        port = [connection["shell_port"]]
        assert wait_until_open("127.0.0.1", port, timeout=20, alive=kernel.is_running)
        return server, kernel, file

    yield get
    for process in started:
        if process.is_running():
            process.kill()


def wait_gone(process: psutil.Process, seconds: float) -> bool:
    """Whether a process ends within that time (one that nobody reaps has ended too)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_a_kernel_ends_with_its_server(
    orphan: Callable[..., tuple[subprocess.Popen[str], psutil.Process, str]],
) -> None:
    """After kill -9 of the server the kernel ends by itself, what it started included."""
    server, kernel, file = orphan()
    client = BlockingKernelClient()
    client.load_connection_file(file)
    client.start_channels()
    try:
        client.wait_for_ready(timeout=30)
        # One that runs, and one that was left running by a command that has ended.
        client.execute("$sh -c 'sleep 300 &'\n$sleep 300")
        children: list[psutil.Process] = []
        deadline = time.monotonic() + 10
        while len(children) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
            children = [p for p in psutil.process_iter() if _sleeps_in(kernel.pid, p)]
    finally:
        client.stop_channels()
        client.context.destroy(linger=0)

    server.send_signal(signal.SIGKILL)
    server.wait()

    assert wait_gone(kernel, 5)
    assert all(wait_gone(child, 1) for child in children)


def _sleeps_in(session: int, process: psutil.Process) -> bool:
    try:
        return os.getsid(process.pid) == session and process.name() == "sleep"
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False  # it ended between two looks


@pytest.mark.parametrize("parent", ["", "another process"])
def test_an_independent_kernel_outlives_its_server(
    orphan: Callable[..., tuple[subprocess.Popen[str], psutil.Process, str]], parent: str
) -> None:
    """Without JPY_PARENT_PID, or started through a wrapper, it is left alone."""
    another = subprocess.Popen(["sleep", "300"])
    server, kernel, _ = orphan(JPY_PARENT_PID=str(another.pid) if parent else "")

    for process in (another, server):
        process.kill()
        process.wait()

    assert not wait_gone(kernel, 2.5)


def test_a_build_says_how_it_was_made(
    built: Callable[..., Build], toolchain_of: Callable[[str], Toolchain]
) -> None:
    """`go version -m` and our manifest tell the same."""
    build, go = built("1.26"), toolchain_of("1.26").go

    output = subprocess.check_output(
        [go, "version", "-m", build.executable], text=True, env={"HOME": "/", "PATH": os.defpath}
    )

    assert f"go{build.manifest.go_version}\n" in output
    assert "build\t-trimpath=true" in output
    assert "build\tCGO_ENABLED=1" in output
    assert build.intact()
