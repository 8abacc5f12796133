"""Kernels started by our provisioner: the right Go, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.connect import LocalPortCache

from go_kernel import config, files, kernelspec, scratch, standin
from go_kernel.findings import GoKernelError
from go_kernel.folders import cache_folder
from tests import sites
from tests.conftest import CondaPrefix
from tests.kernels import CellFailed, Kernel, install, manager, running

REPOSITORY = Path(__file__).parents[1]
UUID = (
    'import "github.com/google/uuid"\n'
    'uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8").String()'
)


@pytest.fixture
def env(clean_env: dict[str, str], dev_cache: Path) -> dict[str, str]:
    """The environment of the process that starts kernels; engines are kept between runs."""
    return {**clean_env, "GOKERNEL_STORE": str(dev_cache / "engines")}


@pytest.fixture
def old_prefix(conda_prefix: CondaPrefix) -> Path:
    """An environment in conda-forge's layout A."""
    return conda_prefix("go=1.22")


@pytest.fixture
def new_prefix(conda_prefix: CondaPrefix) -> Path:
    """An environment in conda-forge's layout B."""
    return conda_prefix("go=1.27")


def test_two_environments_two_kernels(
    tmp_path: Path, env: dict[str, str], old_prefix: Path, new_prefix: Path
) -> None:
    """Side by side, each on its own Go, each importing a third-party package."""
    first = install(tmp_path, "go-old", environment="old", prefix=str(old_prefix))
    second = install(tmp_path, "go-new", environment="new", prefix=str(new_prefix))

    with (
        running(tmp_path, first, env, tmp_path) as old,
        running(tmp_path, second, env, tmp_path) as new,
    ):
        for kernel, version, prefix in ((old, "go1.22", old_prefix), (new, "go1.27", new_prefix)):
            assert version in kernel.run('import "runtime"\nruntime.Version()')
            assert str(prefix / "go") in kernel.run('import "os"\nos.Getenv("GOROOT")')
            assert "6ba7b810-9dad" in kernel.run(UUID)
        # The second import of one kernel must not take the other's plugins away.
        assert "6ba7b810-9dad" in old.run("uuid.NameSpaceDNS.String()")


def test_a_port_that_was_taken_meanwhile(
    tmp_path: Path, env: dict[str, str], new_prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where many kernels start at once, others are chosen; a restart keeps what clients know."""
    name = install(tmp_path, prefix=str(new_prefix))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        chosen = LocalPortCache.find_available_port
        taken = [other.getsockname()[1]]

        def find(ports: LocalPortCache, ip: str) -> int:
            return taken.pop() if taken else chosen(ports, ip)

        monkeypatch.setattr(LocalPortCache, "find_available_port", find)
        with running(tmp_path, name, env, tmp_path) as kernel:
            assert kernel.run("6 * 7") == "42"
            before = kernel.manager.ports
            assert other.getsockname()[1] not in before
            kernel.manager.restart_kernel(now=True)
            kernel.client.wait_for_ready(timeout=60)
            assert kernel.manager.ports == before


def test_compiler_activation_and_imports(
    tmp_path: Path, env: dict[str, str], conda_prefix: CondaPrefix
) -> None:
    """Under conda-forge's GOFLAGS (-buildmode=pie) third-party imports still work."""
    prefix = conda_prefix("go=1.26", "go-cgo", "go-cgo_linux-64")
    name = install(tmp_path, environment="cgo", prefix=str(prefix))

    with running(tmp_path, name, env, tmp_path) as kernel:
        flags = kernel.run('import "os"\nos.Getenv("GOFLAGS")')
        assert "-modcacherw" in flags
        assert "pie" not in flags
        assert "x86_64-conda-linux-gnu-cc" in kernel.run('os.Getenv("CC")')
        assert "6ba7b810-9dad" in kernel.run(UUID)


def test_a_planted_go_is_never_run(tmp_path: Path, env: dict[str, str], new_prefix: Path) -> None:
    """Wherever on PATH another `go` stands: imports use the environment's own."""
    planted = tmp_path / "planted"
    planted.mkdir()
    (planted / "go").write_text(f"#!/bin/sh\necho run >> {planted}/log\nexit 1\n")
    (planted / "go").chmod(0o755)
    poisoned = {**env, "PATH": f"{planted}:{new_prefix}/bin:{env['PATH']}"}
    name = install(tmp_path, prefix=str(new_prefix), settings={"PATH": poisoned["PATH"]})

    with running(tmp_path, name, poisoned, tmp_path) as kernel:
        assert "6ba7b810-9dad" in kernel.run(UUID)

    assert not (planted / "log").exists()


def test_settings_reach_the_kernel(tmp_path: Path, env: dict[str, str], new_prefix: Path) -> None:
    """--set and a kernel.json's own env, which may refer to the parent's variables."""
    name = install(tmp_path, prefix=str(new_prefix), settings={"COLOUR": "blue"})
    path = tmp_path / "kernels" / name / "kernel.json"
    files.write_json(path, {**json.loads(path.read_text()), "env": {"BY_HAND": "${HOME}/x"}})

    with running(tmp_path, name, env, tmp_path) as kernel:
        assert "blue" in kernel.run('import "os"\nos.Getenv("COLOUR")')
        assert env["HOME"] + "/x" in kernel.run('os.Getenv("BY_HAND")')


def test_restart_gives_a_new_kernel(tmp_path: Path, env: dict[str, str], new_prefix: Path) -> None:
    """State is gone, the environment is the same, one scratch folder is there, then none."""
    base = cache_folder(dict(os.environ)) / "scratch"
    name = install(tmp_path, prefix=str(new_prefix))

    with running(tmp_path, name, env, tmp_path) as kernel:
        kernel.run("x := 42")
        first = kernel.run('import "os"\nos.Getenv("GOKERNEL_SCRATCH")').strip().strip('"')
        assert Path(first).is_dir()
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=60)
        second = kernel.run('import "os"\nos.Getenv("GOKERNEL_SCRATCH")').strip().strip('"')
        assert not Path(first).exists()
        assert Path(second).is_dir()

    assert not Path(second).exists()
    assert base != Path(second).parent, "scratch follows the parent's variables, not ours"


@pytest.mark.parametrize("pause", [0, 0.1, 1])
def test_restarting_twice_gives_a_kernel_that_stays(
    tmp_path: Path, env: dict[str, str], new_prefix: Path, pause: float
) -> None:
    """A request to shut down that came too late for one kernel doesn't end the next."""
    name = install(tmp_path, prefix=str(new_prefix))

    with running(tmp_path, name, env, tmp_path) as kernel:
        for _ in range(4):
            kernel.manager.restart_kernel()
            time.sleep(pause)  # not to wait for something: to hit the moment
            kernel.manager.restart_kernel()
            with pytest.raises(psutil.TimeoutExpired):
                psutil.Process(kernel.pid).wait(0.7)
        kernel.client.wait_for_ready(timeout=60)
        assert "2" in kernel.run("1+1")


def test_upgraded_go_is_rebuilt_for(
    tmp_path: Path, env: dict[str, str], conda_prefix: CondaPrefix, caplog: pytest.LogCaptureFixture
) -> None:
    """The environment's Go is replaced as conda does it: the next start has the new one."""
    prefix = conda_prefix("go=1.26", name="upgraded")
    name = install(tmp_path, prefix=str(prefix))
    with running(tmp_path, name, env, tmp_path) as kernel:
        assert "go1.26" in kernel.run('import "runtime"\nruntime.Version()')

    newer = conda_prefix("go=1.27", name="newer")
    shutil.rmtree(prefix)
    newer.rename(prefix)
    fresh = {**env, "GOKERNEL_STORE": str(tmp_path / "store")}
    with caplog.at_level("INFO"), running(tmp_path, name, fresh, tmp_path) as kernel:
        assert "go1.27" in kernel.run('import "runtime"\nruntime.Version()')


@pytest.fixture
def kernel_of_new(tmp_path: Path, env: dict[str, str], new_prefix: Path) -> Any:
    """A running kernel, shut down at the end."""
    name = install(tmp_path, prefix=str(new_prefix))
    with running(tmp_path, name, env, tmp_path) as kernel:
        yield kernel


def _wait_gone(process: psutil.Process, seconds: float = 20) -> bool:
    try:
        return process.wait(seconds) is not None or True
    except psutil.TimeoutExpired:
        return False


# In the kernel's process group, and in one of its own.
LEAVING = (
    'import "os/exec"\nc := exec.Command("sleep", "600")\nc.Start()',
    "$sh -c 'sleep 600 >/dev/null 2>&1 &'",
)


def _left_by(kernel: Kernel) -> psutil.Process:
    members = [p for p in psutil.process_iter() if os.getsid(p.pid) == kernel.pid]
    (child,) = (process for process in members if process.pid != kernel.pid)
    return child


@pytest.mark.parametrize("now", [True, False])
@pytest.mark.parametrize("leaving", LEAVING)
def test_children_end_with_the_kernel(kernel_of_new: Kernel, leaving: str, now: bool) -> None:
    """A program that a cell left running doesn't outlive its kernel."""
    kernel_of_new.run(leaving)
    child = _left_by(kernel_of_new)

    kernel_of_new.manager.shutdown_kernel(now=now)

    assert _wait_gone(child)


@pytest.mark.parametrize("leaving", LEAVING)
def test_children_end_with_a_crashed_kernel(kernel_of_new: Kernel, leaving: str) -> None:
    """Also where the kernel itself was killed."""
    kernel_of_new.run(leaving)
    child = _left_by(kernel_of_new)

    os.kill(kernel_of_new.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while kernel_of_new.manager.is_alive():
        assert time.monotonic() < deadline

    assert _wait_gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="setsid is Linux's")
@pytest.mark.parametrize("how", ["shutdown", "kill", "restart", "crash"])
def test_daemons_end_with_the_kernel(kernel_of_new: Kernel, tmp_path: Path, how: str) -> None:
    """Also who has a session of its own, and no parent any more."""
    number = tmp_path / "daemon"
    command = f"echo $$ > {number}; exec sleep 600"
    kernel_of_new.run(
        f'import "os/exec"\nexec.Command("setsid", "-f", "sh", "-c", {json.dumps(command)}).Run()'
    )
    while not (number.exists() and number.read_text().strip()):
        os.sched_yield()
    daemon = psutil.Process(int(number.read_text()))

    if how == "restart":
        kernel_of_new.manager.restart_kernel(now=True)
    elif how == "crash":
        os.kill(kernel_of_new.pid, signal.SIGKILL)
        while kernel_of_new.manager.is_alive():
            pass
    else:
        kernel_of_new.manager.shutdown_kernel(now=how == "kill")

    assert not daemon.is_running() or daemon.status() == psutil.STATUS_ZOMBIE


_SERVER = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from tests.kernels import manager
owner = manager(Path(sys.argv[1]), sys.argv[2])
owner.start_kernel(env=dict(os.environ), cwd="/")
print(owner.provisioner.pid, flush=True)
time.sleep(600)
"""


def test_a_killed_servers_kernel_ends(
    tmp_path: Path, env: dict[str, str], new_prefix: Path
) -> None:
    """After kill -9 of the server the kernel ends by itself, its scratch goes at the next start."""
    name = install(tmp_path, prefix=str(new_prefix))
    root = Path(__file__).parent.parent
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path), name, str(root)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    kernel = psutil.Process(int(server.stdout.readline()))

    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    server.stdout.close()

    assert _wait_gone(kernel)
    assert len(scratch.sweep(cache_folder(env) / "scratch")) == 1


def test_a_launch_returns_with_open_ports(
    tmp_path: Path, env: dict[str, str], new_prefix: Path
) -> None:
    """Whoever connects after start_kernel finds somebody listening."""
    name = install(tmp_path, prefix=str(new_prefix))
    owner = manager(tmp_path, name)
    owner.start_kernel(env=env, cwd=str(tmp_path))
    try:
        found = {
            connection.laddr.port
            for connection in psutil.Process(owner.provisioner.pid).net_connections()  # type: ignore[union-attr]
            if connection.status == psutil.CONN_LISTEN
        }
        info = owner.get_connection_info()
        assert {info[k] for k in info if k.endswith("_port")} <= found
    finally:
        owner.shutdown_kernel(now=True)
        owner.context.destroy(linger=0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"prefx": "/x"}, "'prefx'"),
        ({"engine": "nosuch"}, "nosuch"),
        ({"build_timeout": "soon"}, "'build_timeout'"),
        ({"settings": {"GOROOT": "/x"}}, "'GOROOT'"),
        ({"prefix": "/tmp/\ud800"}, "'prefix'"),
        ({"environment": "a\0b"}, "'environment'"),
        ({"build_timeout": float("inf")}, "'build_timeout'"),
        ({"prefix": "/nowhere/envs/gone"}, "/nowhere/envs/gone"),
    ],
)
def test_a_bad_spec_is_one_sentence(
    tmp_path: Path, env: dict[str, str], new_prefix: Path, change: dict[str, Any], named: str
) -> None:
    """What somebody edited wrongly is named, before anything is started or written."""
    name = install(tmp_path, prefix=str(new_prefix))
    path = tmp_path / "kernels" / name / "kernel.json"
    content = json.loads(path.read_text())
    content["metadata"]["kernel_provisioner"]["config"].update(change)
    files.write_json(path, content)
    owner = manager(tmp_path, name)

    with pytest.raises(GoKernelError) as caught:
        owner.start_kernel(env=env)

    assert named in caught.value.summary
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    assert not owner.has_kernel
    assert not owner.connection_file, "a connection file was written for nobody"


@pytest.mark.parametrize("bad", [{"LIMIT": 5}, {"LIMIT": ["x"]}, {"LIMIT": "a\0"}, {"LIMIT=": ""}])
def test_a_bad_variable_is_one_sentence(
    tmp_path: Path, env: dict[str, str], new_prefix: Path, bad: dict[str, Any]
) -> None:
    """What somebody wrote into kernel.json's `env`, by its name."""
    name = install(tmp_path, prefix=str(new_prefix))
    path = tmp_path / "kernels" / name / "kernel.json"
    files.write_json(path, {**json.loads(path.read_text()), "env": bad})
    owner = manager(tmp_path, name)

    with pytest.raises(GoKernelError, match="LIMIT"):
        owner.start_kernel(env=env)

    assert not owner.has_kernel


def test_a_folder_that_is_gone_is_one_sentence(
    tmp_path: Path, env: dict[str, str], new_prefix: Path
) -> None:
    """The notebook's folder was removed: the error names it, and nothing is left behind."""
    name = install(tmp_path, prefix=str(new_prefix))
    owner = manager(tmp_path, name)
    scratches = cache_folder(env) / "scratch"

    with pytest.raises(GoKernelError) as caught:
        owner.start_kernel(env=env, cwd=str(tmp_path / "gone"))

    assert str(tmp_path / "gone") in caught.value.summary
    assert not Path(owner.connection_file).is_file()
    assert [*scratches.iterdir()] == []
    owner.context.destroy(linger=0)


def test_the_notebooks_folder_runs_nothing(
    tmp_path: Path, env: dict[str, str], new_prefix: Path
) -> None:
    """A file there named like a module of Python's: neither launch nor stand-in imports it."""
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    for module in ("argparse", "json", "signal", "zmq", "go_kernel"):
        (notebooks / f"{module}.py").write_text(f"open({str(tmp_path / 'log')!r}, 'w')\n")
    name = install(tmp_path, prefix=str(new_prefix))
    argv = json.loads((tmp_path / "kernels" / name / "kernel.json").read_text())["argv"]
    standin_argv = standin.command(str(tmp_path / "none"), "It is gone.")

    for command in ([*argv[:3], "--help"], [*standin_argv[:3], "--help"]):
        subprocess.run(command, cwd=notebooks, env=env, check=True, capture_output=True)

    assert not (tmp_path / "log").exists()


def test_the_hubs_choice_at_each_launch(
    tmp_path: Path, env: dict[str, str], old_prefix: Path, new_prefix: Path
) -> None:
    """One kernelspec, and each server's kernel has the Go that its Hub chose."""
    name = install(tmp_path, environment="this server", from_hub=True)
    assert name == "go-server"
    for prefix, version in ((old_prefix, "go1.22"), (new_prefix, "go1.27")):
        chosen = {**env, "GOKERNEL_HUB_ENVIRONMENT": "stable", "GOKERNEL_HUB_PREFIX": str(prefix)}
        with running(tmp_path, name, chosen, tmp_path) as kernel:
            assert version in kernel.run('import "runtime"\nruntime.Version()')
            assert str(prefix / "go") in kernel.run('import "os"\nos.Getenv("GOROOT")')
            assert prefix.name in kernel.run('os.Getenv("GOKERNEL_ENVIRONMENT")')


@pytest.mark.skipif(sites.cannot(), reason="takes root and namespaces")
def test_the_choice_by_the_sites_map(tmp_path: Path, env: dict[str, str], new_prefix: Path) -> None:
    """In a container the Hub says an id only, and root's own map leads to the environment."""
    name = install(tmp_path, environment="this server", from_hub=True)
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom tests.kernels import running\n"
        "folder = Path(sys.argv[1])\n"
        "with running(folder, sys.argv[2], os.environ, folder) as kernel:\n"
        """    print(kernel.run('import "os"\\nos.Getenv("GOROOT")'))\n"""
        "    print(kernel.run('os.Getenv(\"GOKERNEL_ENVIRONMENT\")'))\n"
    )
    entry = {"go-1.27": {"prefix": str(new_prefix), "name": "stable"}}
    argv = [sys.executable, "-c", code, str(tmp_path), name]
    parent = {**env, "GOKERNEL_HUB_ENVIRONMENT": "go-1.27", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        sites.command(tmp_path / "site", entry, argv),
        env=parent,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(new_prefix / "go") in done.stdout
    assert "stable" in done.stdout


def test_no_hub_is_one_sentence(tmp_path: Path, env: dict[str, str]) -> None:
    """On a server that no Hub started the kernel is refused in words."""
    owner = manager(tmp_path, install(tmp_path, environment="this server", from_hub=True))
    with pytest.raises(GoKernelError, match="was not started by a JupyterHub"):
        owner.start_kernel(env=env, cwd=str(tmp_path))


def test_the_hubs_choice_without_a_provisioner(
    tmp_path: Path, env: dict[str, str], new_prefix: Path
) -> None:
    """Where nobody knows provisioners the kernel's argv looks the choice up, or says why not."""
    settings = config.parse({"environment": "this server", "from_hub": True})
    spec = kernelspec.spec_for(settings, portable=True)
    kernelspec.write(spec, tmp_path / "kernels")
    parent = {**env, "PYTHONPATH": str(REPOSITORY)}
    chosen = {"GOKERNEL_HUB_ENVIRONMENT": "stable", "GOKERNEL_HUB_PREFIX": str(new_prefix)}

    with running(tmp_path, spec.name, {**parent, **chosen}, tmp_path) as kernel:
        assert str(new_prefix / "go") in kernel.run('import "os"\nos.Getenv("GOROOT")')

    with (
        running(tmp_path, spec.name, parent, tmp_path) as kernel,
        pytest.raises(CellFailed, match="was not started by a JupyterHub"),
    ):
        kernel.run("1")
