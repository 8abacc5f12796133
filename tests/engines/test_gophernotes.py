"""The mended gophernotes, on real Go toolchains, spoken to as a client would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from go_kernel.engines.store import Build
from go_kernel.ports import wait_until_open
from go_kernel.toolchain import Toolchain
from tests.kernels import CellFailed, Kernel

Start = Callable[..., AbstractContextManager[Kernel]]

FULL = ("1.22", "1.27")
SMOKE = ("1.24", "1.25", "1.26")
UUID = 'import "github.com/google/uuid"\n'
PARSE = 'uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8").Version()'


@pytest.mark.parametrize("version", [*FULL, *SMOKE])
def test_standard_and_third_party_imports(
    start: Start, toolchain_of: Callable[[str], Toolchain], version: str
) -> None:
    """On every Go: it starts, says which Go it is, prints, and imports a package of others'."""
    with start(version) as kernel:
        run = kernel.run
        assert run('import ("fmt"; "runtime")\nruntime.Version()') == (
            f"go{toolchain_of(version).version}"
        )
        assert "hi 2\n" in run('fmt.Println("hi", 1+1)')
        run(UUID)
        assert run(PARSE) == "VERSION_1"


@pytest.mark.parametrize("version", FULL)
def test_a_package_that_needs_a_fitting_version(start: Start, version: str) -> None:
    """gonum's newest wants a newer Go than 1.22: there an older one is taken, and said so."""
    with start(version) as kernel:
        said = kernel.run('import "gonum.org/v1/gonum/stat"')
        assert ("is used: its newest version needs a newer Go than go1.22" in said) == (
            version == "1.22"
        )
        assert kernel.run("stat.Mean([]float64{1, 2, 3, 6}, nil)") == "3"


@pytest.mark.parametrize("version", FULL)
def test_modules_that_the_kernel_is_made_of(start: Start, version: str) -> None:
    """A notebook imports its own version of what the kernel is linked with, too."""
    with start(version) as kernel:
        run = kernel.run
        run('import "golang.org/x/sync/errgroup"')
        run("var group errgroup.Group")
        run("group.Go(func() error { return nil })")
        assert run("group.Wait() == nil") == "true"
        run('import "github.com/gofrs/uuid"')
        assert run("uuid.Nil.IsNil()") == "true"


@pytest.mark.parametrize("version", FULL)
def test_standard_packages_that_are_not_built_in(start: Start, version: str) -> None:
    """They are compiled, without any network; what is generic in them is left out."""
    with start(version, GOPROXY="off") as kernel:
        run = kernel.run
        run('import "log/slog"')
        assert run("slog.LevelWarn.String()") == "WARN"
        # Since 1.27 a method of rand.Rand has type parameters.
        run('import "math/rand/v2"')
        assert run("rand.New(rand.NewPCG(1, 2)).IntN(1)") == "0"
        # Generic types in a built-in package are no reason to print anything.
        assert run('import "sync/atomic"') == ""


ALIASES = """\
package shapes

import (
	"io/fs"
	"os"
	"sync/atomic"

	inner "example.test/shapes/inner"
)

// An alias of another package's type, of one embedded, and in an interface's methods.
type Mode = fs.FileMode

type Point = inner.Point

type Named struct{ *inner.Alias }

type Lister interface {
	List(info os.FileInfo, mode os.FileMode, any any) (Mode, Point)
	Count(c *atomic.Pointer[inner.Point]) int
}

func At(x int) Point { return Point{X: x} }

func Of(x int) Named { return Named{&inner.Point{X: x}} }
"""

INNER = """\
package inner

type Point struct{ X int }

type Alias = Point

func (p *Point) Double() int { return 2 * p.X }
"""


def local_module(folder: Path, path: str, files: dict[str, str], requires: str = "") -> Path:
    """A module on disk that a notebook imports by its folder."""
    for name, text in {"go.mod": f"module {path}\n\ngo 1.22\n{requires}", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("version", FULL)
def test_aliases_in_imported_packages(start: Start, tmp_path: Path, version: str) -> None:
    """Aliases are types of their own since Go 1.22: they import, and their methods are there."""
    folder = local_module(
        tmp_path / "shapes",
        "example.test/shapes",
        {"shapes.go": ALIASES, "inner/inner.go": INNER},
    )
    with start(version, GOPROXY="off") as kernel:
        kernel.run(f'import "{folder}"')
        assert kernel.run("shapes.At(3).X") == "3"
        assert kernel.run("shapes.Of(4).Double()") == "8"
        assert kernel.run("shapes.Mode(0644).String()") == "-rw-r--r--"


def test_two_versions_of_a_module_in_one_kernel(start: Start, tmp_path: Path) -> None:
    """The one case that Go can't serve gets a sentence that says what to do."""
    code = (
        'package NAME\n\nimport "golang.org/x/text/language"\n\n'
        "func German() string { return language.German.String() }\n"
    )
    first, second = (
        local_module(
            tmp_path / name,
            f"example.test/{name}",
            {"x.go": code.replace("NAME", name)},
            f"\nrequire golang.org/x/text {version}\n",
        )
        for name, version in (("first", "v0.20.0"), ("second", "v0.22.0"))
    )
    with start("1.26") as kernel:
        kernel.run(f'import "{first}"')
        with pytest.raises(CellFailed) as caught:
            kernel.run(f'import "{second}"')
        assert (
            "golang.org/x/text is needed in version v0.22.0, but this kernel holds v0.20.0: "
            "restart the kernel and import this package first." in str(caught.value)
        )
        # The kernel lives on, and later imports get the version that is there.
        assert kernel.run("first.German()") == "de"
        kernel.run('import "golang.org/x/text/cases"')
    with start("1.26") as kernel:
        kernel.run(f'import "{second}"')
        kernel.run(f'import "{first}"')
        assert kernel.run("first.German() + second.German()") == "dede"


@pytest.mark.parametrize(
    ("variables", "code", "said"),
    [
        ({"GOPROXY": "off"}, UUID, "module lookup disabled by GOPROXY=off"),
        ({"GOPROXY": "https://127.0.0.1:9"}, UUID, "connection refused\nThe module proxy can't be"),
        ({"CC": "/nonexistent/cc"}, UUID, '"/nonexistent/cc" not found'),
        ({"GOKERNEL_GO": "/nonexistent/go"}, UUID, "is gone (/nonexistent/go is no executable)"),
        ({}, 'import "no/such/package"', "cannot import no/such/package: `go get no/such/package`"),
    ],
)
def test_what_a_failed_import_says(
    start: Start, variables: dict[str, str], code: str, said: str
) -> None:
    """The reason, in the words of the tool that gave it, is in the cell's error."""
    with start("1.26", **variables) as kernel:
        with pytest.raises(CellFailed) as caught:
            kernel.run(code)
        assert said in str(caught.value)
        assert "exit status" not in str(caught.value)
        assert kernel.run("6 * 7") == "42"


def test_a_package_that_does_not_compile(start: Start, tmp_path: Path) -> None:
    """The compiler's message, with file and line, is in the cell's error."""
    folder = local_module(
        tmp_path / "broken", "example.test/broken", {"b.go": "package broken\n\nvar X int = y\n"}
    )
    with start("1.26") as kernel, pytest.raises(CellFailed, match=r"b\.go:3:13: undefined: y"):
        kernel.run(f'import "{folder}"')


def test_without_a_c_compiler(start: Start) -> None:
    """Built without cgo: the built-in packages work, others say what is missing."""
    with start("1.26", cgo="0") as kernel:
        assert kernel.run('import "strings"\nstrings.ToUpper("a")') == "A"
        with pytest.raises(CellFailed, match=r"built without a C compiler.*restart the kernel"):
            kernel.run(UUID)


@pytest.fixture
def logged_go(toolchain_of: Callable[[str], Toolchain], tmp_path: Path) -> tuple[Path, Path]:
    """A `go` that writes down how it is called, and the file that it writes to."""
    real, log = toolchain_of("1.26").go, tmp_path / "calls"
    go = tmp_path / "named" / "go"
    go.parent.mkdir()
    go.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\nexec "{real}" "$@"\n')
    go.chmod(0o755)
    return go, log


def test_a_start_runs_no_go(start: Start, logged_go: tuple[Path, Path]) -> None:
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
    start: Start, logged_go: tuple[Path, Path]
) -> None:
    """Where the prepared files are gone, the named `go` is asked instead."""
    go, log = logged_go
    with start("1.26", GOKERNEL_GO=str(go), GOKERNEL_STD_EXPORTS="/nonexistent") as kernel:
        assert kernel.run('import "strings"\nstrings.ToUpper("a")') == "A"
        assert log.read_text().startswith("list ")


def test_a_planted_go_is_never_run(start: Start, tmp_path: Path) -> None:
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


def test_plugins_are_made_in_the_scratch_folder(start: Start, tmp_path: Path) -> None:
    """Each kernel in its own; one kernel's import leaves the other's files alone."""
    folders = [tmp_path / "scratch-1", tmp_path / "scratch-2"]
    with (
        start("1.26", GOKERNEL_SCRATCH=str(folders[0])) as first,
        start("1.26", GOKERNEL_SCRATCH=str(folders[1])) as second,
    ):
        first.run(UUID)
        second.run(UUID)
        assert [len(list(folder.glob("*/plugin.so"))) for folder in folders] == [1, 1]
        home = Path(first.run('import "os"\nos.Getenv("HOME")'))
    assert not (home / "go" / "src").exists()


def test_a_scratch_folder_of_ones_own_is_removed(start: Start, tmp_path: Path) -> None:
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
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
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
        client.execute("$sleep 300")
        deadline = time.monotonic() + 10
        while not kernel.children():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (child,) = kernel.children()
    finally:
        client.stop_channels()
        client.context.destroy(linger=0)

    server.send_signal(signal.SIGKILL)
    server.wait()

    assert wait_gone(kernel, 5)
    assert wait_gone(child, 1)


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


def test_a_build_says_how_it_was_made(built: Callable[..., Build]) -> None:
    """`go version -m` and our manifest tell the same."""
    build = built("1.26")
    go = Path(build.manifest.goroot) / "bin" / "go"

    output = subprocess.check_output(
        [go, "version", "-m", build.executable], text=True, env={"HOME": "/", "PATH": os.defpath}
    )

    assert f"go{build.manifest.go_version}\n" in output
    assert "build\t-trimpath=true" in output
    assert "build\tCGO_ENABLED=1" in output
    assert build.intact()
