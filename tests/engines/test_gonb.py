"""GoNB, the second engine: built from pins, every kind of request, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from go_kernel import config, kernelspec, process_table
from go_kernel.config import KernelConfig
from go_kernel.engines import build, catalogue
from go_kernel.engines.errors import GoTooOld
from go_kernel.engines.store import Build, Stores
from go_kernel.folders import cache_folder
from go_kernel.toolchain import Toolchain
from tests.engines.conftest import PROXY_VARIABLES, Tiny
from tests.kernels import CellFailed, Kernel, install, manager, running, started
from tests.processes import has_ended

GONB = catalogue.get("gonb")
MODULE = "github.com/janpfeifer/gonb"


# The build.


def test_the_build_holds_all_programs(
    built: Callable[..., Build], toolchain_of: Callable[[str], Toolchain]
) -> None:
    """Kernel, goimports and gopls, each made by this very Go from the pinned modules."""
    made = built("1.26", engine="gonb")
    chain = toolchain_of("1.26")

    assert [path.name for path in made.programs] == ["gonb", "goimports", "gopls"]
    assert made.intact()
    for program in made.programs:
        told = subprocess.run([chain.go, "version", program], capture_output=True, text=True)
        assert told.stdout.strip().endswith(f"go{chain.version}")
    assert made.manifest.modules[MODULE] == "v0.11.3"


def test_the_licences_of_all_modules_are_kept(built: Callable[..., Build]) -> None:
    """GoNB's, and that of every module in it, with our mends beside them."""
    made = built("1.26", engine="gonb")
    licences = made.folder / "licenses"

    for module, version in made.manifest.modules.items():
        assert [*(licences / f"{module}@{version}").iterdir()], f"{module} has no licence"
    assert (licences / "mends/files/gonb/parent.go").is_file()
    assert "GoNB's MIT licence" in (licences / "README").read_text()


def test_a_changed_program_beside_the_kernel_is_noticed(
    built: Callable[..., Build], tmp_path: Path
) -> None:
    """gopls runs code as its user just as the kernel does."""
    store = tmp_path / "store"
    made = built("1.26", engine="gonb")
    store.mkdir()
    subprocess.run(["cp", "-rp", made.folder, store], check=True)
    copy = Stores((), store).find(made.key)
    assert copy is not None
    assert copy.intact()

    with (copy.folder / "bin/gopls").open("ab") as stream:
        stream.write(b"more")
    assert not copy.intact()

    (copy.folder / "bin/gopls").unlink()
    assert Stores((), store).find(made.key) is None


def test_its_programs_come_right_after_go_on_path(built: Callable[..., Build]) -> None:
    """The environment's `go` is first; somebody's own gopls further back isn't found."""
    made = built("1.26", engine="gonb")

    found = made.environment({"PATH": "/env/go/bin:/usr/bin", "A": "b"})

    assert found["PATH"] == f"/env/go/bin:{made.folder}/bin:/usr/bin"
    assert found["A"] == "b"


@pytest.mark.parametrize("version", ["1.22", "1.24.3", "1.24rc1", "1.23.12"])
def test_an_older_go_is_one_sentence(
    version: str, toolchain_of: Callable[[str], Toolchain], stores: Stores
) -> None:
    """It names both versions and what to do; the patch level counts."""
    chain = replace(toolchain_of("1.22"), version=version)

    with pytest.raises(GoTooOld) as caught:
        build.ensure(GONB, chain, {}, go_hash="0" * 64, stores=stores, timeout=1)

    assert str(caught.value) == (
        f"GoNB needs Go 1.24.4 or newer, and this is Go {version}. Update Go in the environment, "
        'for example to "go>=1.24.4", or install with --engine gophernotes.'
    )


def test_a_new_enough_go_is_none(toolchain_of: Callable[[str], Toolchain]) -> None:
    """1.24.11 is newer than 1.24.4."""
    for version in ("1.24.4", "1.24.11", "1.26.6", "1.27rc1"):
        build.check_supported(GONB, replace(toolchain_of("1.22"), version=version))


# The kernelspec.


def test_the_kernelspec() -> None:
    """Its own name, its own words in the launcher, and interrupts by message."""
    spec = kernelspec.spec_for(KernelConfig("demo", prefix="/envs/demo", engine="gonb"))

    assert spec.name == "gonb-demo"
    assert spec.content["display_name"] == "Go (GoNB, conda env: demo)"
    assert spec.content["interrupt_mode"] == "message"
    assert spec.content["language"] == "go"
    assert spec.content["metadata"]["gokernel"]["config"]["engine"] == "gonb"


# A kernel.


@pytest.fixture(scope="session")
def env(
    dev_cache: Path, tmp_path_factory: pytest.TempPathFactory, built: Callable[..., Build]
) -> dict[str, str]:
    """What the process that starts kernels holds; the engine is built."""
    built("1.26", engine="gonb")
    home = tmp_path_factory.mktemp("gonb-home")
    return {
        **{name: os.environ[name] for name in PROXY_VARIABLES if name in os.environ},
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GOMODCACHE": str(dev_cache / "gomodcache"),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOSUMDB": "off",
        "GOKERNEL_STORE": str(dev_cache / "engines"),
        "GOKERNEL_SITE_STORES": "",
    }


StartGonb = Callable[..., AbstractContextManager[Kernel]]


@pytest.fixture(scope="session")
def start(
    env: Mapping[str, str], goroot: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> StartGonb:
    """`with start(NAME=value) as kernel`: a running GoNB, by our provisioner."""

    def begin(**more: str) -> AbstractContextManager[Kernel]:
        folder = tmp_path_factory.mktemp("gonb")
        name = install(folder, engine="gonb", goroot=str(goroot("1.26")))
        return running(folder, name, {**env, **more}, folder)

    return begin


@pytest.fixture(scope="module")
def kernel(start: StartGonb) -> Iterator[Kernel]:
    """One kernel for all who only ask it something."""
    with start() as running_one:
        yield running_one


def test_a_cell(kernel: Kernel) -> None:
    """goimports finds the import; declarations stay, and generics are no matter."""
    assert kernel.run('%%\nfmt.Println("hello", 6*7)') == "hello 42\n"
    kernel.run("func twice[T any](one T) []T { return []T{one, one} }")
    assert kernel.run('%%\nfmt.Println(twice("a"), slices.Max(twice(2)))') == "[a a] 2\n"


def test_a_panic_names_cell_and_line(kernel: Kernel) -> None:
    """Also under our GOFLAGS, where a stack trace holds no folders."""
    shown = kernel.run("%%\nvar none []int\nfmt.Println(none[3])")

    assert "index out of range" in shown
    assert re.search(r"Cell \[\d+\] Line 3 ", shown)


def test_an_error_is_the_cells(kernel: Kernel) -> None:
    """What doesn't compile is an error; the kernel goes on."""
    with pytest.raises(CellFailed):
        kernel.run("%%\nfmt.Println(nobody)")
    assert kernel.run('%%\nfmt.Println("on")') == "on\n"


def test_completion(kernel: Kernel) -> None:
    """gopls completes, the first time too, without seconds of waiting for it."""
    code = "%%\nstrings.ToUp"

    reply = kernel.client.complete(code, len(code), reply=True, timeout=60)["content"]

    assert "ToUpper" in reply["matches"]
    assert code[reply["cursor_start"] : reply["cursor_end"]] == "ToUp"


def test_inspection(kernel: Kernel) -> None:
    """gopls knows the signature and the documentation."""
    code = '%%\nfmt.Println("x")'

    reply = kernel.client.inspect(code, code.index("Println"), reply=True, timeout=60)["content"]

    assert reply["found"]
    assert "func fmt.Println(a ...any)" in reply["data"]["text/markdown"]


def test_the_environment_of_a_cell(kernel: Kernel, goroot: Callable[[str], Path]) -> None:
    """Cells see the environment's Go, and our programs before anybody else's."""
    shown = kernel.run('%%\nfmt.Println(runtime.Version(), os.Getenv("PATH"))')

    version, path = shown.split()
    first, second, *_ = path.split(":")
    assert version == f"go{goroot('1.26').parent.name}"
    assert first == f"{goroot('1.26')}/bin"
    assert Path(second, "gopls").is_file()


def test_interrupt_by_message(kernel: Kernel) -> None:
    """The cell ends, the kernel doesn't."""
    started: list[dict[str, Any]] = []
    sent = kernel.client.execute('%%\nfmt.Println("begun")\nfor {\n}')
    while not started:
        message = kernel.client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "stream" and message["parent_header"]["msg_id"] == sent:
            started.append(message)

    kernel.manager.interrupt_kernel()

    while True:
        reply = kernel.client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == sent:
            break
    assert kernel.run('%%\nfmt.Println("alive")') == "alive\n"


def test_a_third_party_import(start: StartGonb, tiny_source: Path, tmp_path: Path) -> None:
    """From whatever GOPROXY names; here a folder, and nothing else."""
    proxy = f"file://{tiny_source / 'proxy'}"

    with start(GOPROXY=proxy, GOMODCACHE=str(tmp_path), GOFLAGS="-modcacherw") as kernel:
        shown = kernel.run('import "example.test/lib"\n%%\nfmt.Println(lib.Greeting)')

    assert shown == "hello\n"


def test_display(start: StartGonb, dev_cache: Path) -> None:
    """gonbui's pictures and HTML arrive as such."""
    real = os.environ.get("GOPROXY", "")
    cached = f"file://{dev_cache}/gomodcache/cache/download"
    with start(GOPROXY=f"{cached},{real}" if real else f"{cached},direct") as kernel:
        kernel.run(f"!*go get {MODULE}@v0.11.3")
        shown = kernel.run(
            f'import "{MODULE}/gonbui"\n%%\n'
            "var buffer bytes.Buffer\n"
            "png.Encode(&buffer, image.NewGray(image.Rect(0, 0, 9, 9)))\n"
            "gonbui.DisplayPng(buffer.Bytes())"
        )
        many = kernel.run(
            f'import "{MODULE}/gonbui"\n%%\n'
            "for i := range 300 { gonbui.DisplayPng(make([]byte, i+1)) }"
        )
    assert re.fullmatch(r"<png of \d+ bytes>", shown)
    # What is shown last is read after the program's end.
    assert re.findall(r"<png of (\d+) bytes>", many) == [*map(str, range(1, 301))]


# What is left behind: nothing.


def of_kernel(scratch: Path) -> list[int]:
    """The processes that carry this kernel's scratch folder in their environment."""
    return [
        entry.process.pid
        for entry in process_table.running()
        if process_table.carries(entry.process.pid, "GOKERNEL_SCRATCH", str(scratch))
    ]


def scratch_of(kernel: Kernel) -> Path:
    """The kernel's own folder."""
    return Path(kernel.run('%%\nfmt.Print(os.Getenv("GOKERNEL_SCRATCH"))'))


def leave_behind(kernel: Kernel) -> list[int]:
    """Have a cell leave a child and a daemon, and gopls run; all that runs then."""
    scratch = scratch_of(kernel)
    kernel.run("!sleep 3600 >/dev/null 2>&1 </dev/null & echo")
    kernel.run("!setsid -f sleep 3600 >/dev/null 2>&1 </dev/null; echo")
    deadline = time.monotonic() + 10
    while len(found := of_kernel(scratch)) != 4:  # the kernel, gopls, and the two
        assert time.monotonic() < deadline, found
    return found


def in_tmp() -> set[str]:
    """What GoNB and Go leave in the system's folder for temporary files."""
    return {str(path) for name in ("gonb_*", "gopls*") for path in Path("/tmp").glob(name)}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
class TestNothingIsLeft:
    """Of processes and folders, however a kernel ends."""

    @pytest.mark.parametrize("now", [True, False])
    def test_after_a_shutdown(self, start: StartGonb, now: bool) -> None:
        """Asked to end, or killed."""
        before = in_tmp()
        with start() as kernel:
            scratch = scratch_of(kernel)
            assert (scratch / f"gonb_{_only(scratch).name[5:]}" / "go.mod").is_file()
            left = leave_behind(kernel)
            kernel.manager.shutdown_kernel(now=now)
            # jupyter_client waits for a killed kernel's end for 5 s and no longer.
            assert [pid for pid in left if not has_ended(pid, seconds=5)] == []
        assert not scratch.exists()
        assert in_tmp() - before == set()

    def test_after_a_restart(self, start: StartGonb) -> None:
        """The new kernel has a new folder, and nothing of the old one runs."""
        with start() as kernel:
            old = scratch_of(kernel)
            left = leave_behind(kernel)
            kernel.manager.restart_kernel(now=True)
            kernel.client.wait_for_ready(timeout=60)
            assert [pid for pid in left if not has_ended(pid, seconds=5)] == []
            assert scratch_of(kernel) != old
            assert not old.exists()

    def test_after_a_crash(self, start: StartGonb) -> None:
        """The kernel is killed by somebody else: whoever asks for it ends the rest."""
        with start() as kernel:
            left = leave_behind(kernel)
            os.kill(kernel.pid, signal.SIGKILL)
            while kernel.manager.is_alive():
                pass
            assert [pid for pid in left if not has_ended(pid, seconds=5)] == []

    def test_gopls_needs_nobody_to_end_it(self, start: StartGonb) -> None:
        """Its pipes are closed: where no provisioner looks, it ends all the same."""
        with start() as kernel:
            (gopls,) = [
                pid
                for pid in of_kernel(scratch_of(kernel))
                if Path(f"/proc/{pid}/comm").read_text().strip() == "gopls"
            ]
            os.kill(kernel.pid, signal.SIGKILL)
            assert has_ended(gopls)

    def test_after_the_server_was_killed(
        self, env: Mapping[str, str], goroot: Callable[[str], Path], tmp_path: Path
    ) -> None:
        """kill -9 of the process that started it: nobody is there to clean up."""
        before = in_tmp()
        env = {**env, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        name = install(tmp_path, engine="gonb", goroot=str(goroot("1.26")))
        server = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(tmp_path), name, str(Path.cwd())],
            env=dict(env),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdout is not None
        left = json.loads(server.stdout.readline())
        assert len(left) == 4

        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        server.stdout.close()

        assert [pid for pid in left if not has_ended(pid)] == []
        assert [*(cache_folder(env) / "scratch").iterdir()] == []
        assert in_tmp() - before == set()


def _only(folder: Path) -> Path:
    (found,) = folder.glob("gonb_*")
    return found


_SERVER = """
import json, os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from tests.engines.test_gonb import leave_behind
from tests.kernels import running
with running(Path(sys.argv[1]), sys.argv[2], dict(os.environ), Path(sys.argv[1])) as kernel:
    print(json.dumps(leave_behind(kernel)), flush=True)
    time.sleep(600)
"""


# Without a provisioner.


def test_launch_starts_it(
    env: Mapping[str, str], goroot: Callable[[str], Path], tmp_path: Path
) -> None:
    """The argv of a portable spec is enough, whatever the connection file is called."""
    settings = config.parse(
        {"environment": "test", "engine": "gonb", "goroot": str(goroot("1.26"))}
    )
    spec = kernelspec.spec_for(settings, portable=True)
    kernelspec.write(spec, tmp_path / "kernels")
    owner = manager(tmp_path, spec.name)
    owner.connection_file = str(tmp_path / "odd name.json")

    with started(owner, env, tmp_path) as kernel:
        assert kernel.run('%%\nfmt.Println("hello")') == "hello\n"
        scratch = scratch_of(kernel)
        assert scratch.is_dir()
        running_now = of_kernel(scratch)
        kernel.manager.shutdown_kernel()
        assert [pid for pid in running_now if not has_ended(pid)] == []


def test_a_tiny_engine_has_nothing_beside_it(tiny: Tiny, stores: Stores) -> None:
    """An engine of one program leaves PATH as it is."""
    made = tiny.ensure(stores)

    assert made.manifest.beside == {}
