"""Building: once, whole, or not at all."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from go_kernel.engines.catalogue import Engine
from go_kernel.engines.errors import (
    BuildFailed,
    BuildTimedOut,
    EngineMissing,
    GoTooOld,
    StoreUntrusted,
    StoreUnwritable,
    UnsupportedPlatform,
)
from go_kernel.engines.mend import MendFailed
from go_kernel.engines.store import Stores
from tests.engines.conftest import Tiny


def left_in(stores: Stores) -> list[str]:
    """What is in a store besides locks."""
    if not stores.user.exists():
        return []
    return [path.name for path in stores.user.iterdir() if path.name != ".locks"]


def test_builds_mended_sources(tiny: Tiny, stores: Stores) -> None:
    """The program is the mended one, linked with the private copy of its library."""
    build = tiny.ensure(stores)

    output = subprocess.check_output([build.executable], text=True)
    assert output == "hello mended\n"
    assert left_in(stores) == [build.key]


def test_the_second_time_nothing_is_built(tiny: Tiny, stores: Stores) -> None:
    """A build that is there is given back: no Go is started for it."""
    first = tiny.ensure(stores)
    gone = replace(tiny.chain, go=Path("/nonexistent/go"))

    assert replace(tiny, chain=gone).ensure(stores) == first


def test_the_manifest_says_how(tiny: Tiny, stores: Stores) -> None:
    """Toolchain, sources, flags, size and hash are on record beside the program."""
    build = tiny.ensure(stores)

    made = build.manifest
    assert made.key == build.key == build.folder.name
    assert made.go_version == tiny.chain.version
    assert made.goroot == str(tiny.chain.goroot)
    assert made.modules == {"example.test/lib": "v0.1.0", "example.test/tiny": "v0.1.0"}
    assert made.flags == ("-trimpath",)
    assert made.cgo is False
    assert made.size == build.executable.stat().st_size
    assert build.intact()


def test_licences_and_mends_are_kept(tiny: Tiny, stores: Stores) -> None:
    """Each module's licence, Go's, and what we changed lie beside the program."""
    folder = tiny.ensure(stores).folder / "licenses"

    assert (folder / "example.test/tiny@v0.1.0/LICENSE").read_text() == "tiny's licence"
    assert (folder / "example.test/lib@v0.1.0/LICENSE.md").read_text() == "lib's licence"
    assert (folder / "go/LICENSE").exists() == (tiny.chain.goroot / "LICENSE").exists()
    assert (folder / "mends/edits/tiny.toml").exists()
    assert "example.test/tiny v0.1.0" in (folder / "README").read_text()


def test_the_standard_library_is_prepared(tiny: Tiny, stores: Stores) -> None:
    """Declarations of all packages, a few per cent of the archives' size."""
    folder = tiny.ensure(stores).folder / "exports"

    assert {"fmt.a", "net/http.a", "internal/abi.a"} <= {
        path.relative_to(folder).as_posix() for path in folder.rglob("*.a")
    }
    assert sum(path.stat().st_size for path in folder.rglob("*.a")) < 20e6


def test_nobody_else_may_write_a_build(tiny: Tiny, stores: Stores) -> None:
    """Not even under a umask that gives the group everything."""
    before = os.umask(0)
    try:
        build = tiny.ensure(stores)
    finally:
        os.umask(before)

    writable = [p for p in (build.folder, *build.folder.rglob("*")) if p.stat().st_mode & 0o022]
    assert writable == []


def test_progress_is_told(tiny: Tiny, stores: Stores) -> None:
    """Each step is announced, in words."""
    lines: list[str] = []

    tiny.ensure(stores, progress=lines.append)

    assert lines[0] == "Downloading the sources of tiny"
    assert "Compiling tiny with Go 1.26" in "\n".join(lines)
    assert lines[-1].startswith("tiny is ready")


RACER = """
import pickle, sys
from pathlib import Path
from go_kernel.engines.store import Stores
tiny = pickle.loads(Path(sys.argv[1]).read_bytes())
lines = []
build = tiny.ensure(Stores((), Path(sys.argv[2])), progress=lines.append)
print(build.key, sum(line.startswith("Compiling tiny with") for line in lines))
"""


@pytest.fixture
def racer(tiny: Tiny, stores: Stores, tmp_path: Path) -> Callable[[], subprocess.Popen[str]]:
    """Starts another process that wants the same engine in the same store."""
    plain = replace(tiny, engine=plain_engine(tiny.engine))
    pickled = tmp_path / "tiny.pickle"
    pickled.write_bytes(pickle.dumps(plain))

    def start() -> subprocess.Popen[str]:
        argv = [sys.executable, "-c", RACER, str(pickled), str(stores.user)]
        return subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path.cwd()
        )

    return start


def plain_engine(engine: Engine) -> Engine:
    """The same engine, of types that can be pickled."""
    return replace(
        engine, mended=dict(engine.mended), language_info=dict(engine.language_info), variables={}
    )


def test_of_two_at_once_one_builds(
    racer: Callable[[], subprocess.Popen[str]], stores: Stores
) -> None:
    """Two processes want the same engine: both get it, one of them built it."""
    racers = [racer(), racer()]
    outputs = [process.communicate(timeout=120) for process in racers]

    assert [process.returncode for process in racers] == [0, 0], outputs
    keys, built = zip(*(out.split() for out, _ in outputs), strict=True)
    assert len(set(keys)) == 1
    assert sorted(built) == ["0", "1"]
    assert left_in(stores) == [keys[0]]


def _until_building(stores: Stores) -> None:
    deadline = time.monotonic() + 60
    while not list(stores.user.glob(".building-*/module")):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_an_interrupted_build_leaves_nothing(
    racer: Callable[[], subprocess.Popen[str]], stores: Stores
) -> None:
    """Ctrl-C in the middle: no half-made folder, and the next one builds."""
    process = racer()
    _until_building(stores)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode != 0
    assert left_in(stores) == []
    again = racer()
    assert again.communicate(timeout=120)[0].endswith(" 1\n")


def test_a_killed_build_is_cleaned_up_by_the_next(
    racer: Callable[[], subprocess.Popen[str]], stores: Stores
) -> None:
    """After kill -9 the leftovers go when the same engine is built again."""
    process = racer()
    _until_building(stores)
    process.kill()
    process.communicate()
    assert any(name.startswith(".building-") for name in left_in(stores))

    key = racer().communicate(timeout=120)[0].split()[0]

    assert left_in(stores) == [key]


def _stopped_at_work(
    process: subprocess.Popen[str], temporary: Path, stores: Stores
) -> list[psutil.Process]:
    """The build's `go` and compilers, stopped, while one of their working folders is there."""
    below = psutil.Process(process.pid).children(recursive=True)
    with suppress(psutil.NoSuchProcess):
        for one in below:
            one.suspend()
        if [*temporary.glob("go-build*"), *stores.user.glob(".building-*/tmp/go-build*")]:
            return below
    for one in below:
        with suppress(psutil.NoSuchProcess):
            one.resume()
    return []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_build_leaves_nothing_in_the_temporary_folder(
    tiny: Tiny,
    racer: Callable[[], subprocess.Popen[str]],
    stores: Stores,
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    """What `go` works in goes with the build's own folder, at once or at the next build."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    plain = replace(tiny, engine=plain_engine(tiny.engine))
    chosen = plain.with_variables(TMPDIR=str(temporary))
    (tmp_path / "tiny.pickle").write_bytes(pickle.dumps(chosen))

    process = racer()
    while not (stopped := _stopped_at_work(process, temporary, stores)):
        assert process.poll() is None
    process.send_signal(how)
    process.communicate(timeout=60)
    for one in stopped:
        with suppress(psutil.NoSuchProcess):  # one that was interrupted has ended its `go`
            one.kill()
    key = racer().communicate(timeout=120)[0].split()[0]

    assert list(temporary.iterdir()) == []
    assert left_in(stores) == [key]


def test_a_failed_build_shows_the_compiler_and_leaves_nothing(tiny: Tiny, stores: Stores) -> None:
    """What the compiler said is the evidence; the store is as before."""
    (tiny.engine.folder / "mends/files/tiny/mark.go").write_text(
        "package main\n\nconst mark = 1 +\n"
    )

    with pytest.raises(BuildFailed, match=r"tiny could not be built with Go 1\.26") as caught:
        tiny.ensure(stores)

    assert "mark.go:" in caught.value.evidence
    assert "syntax error" in str(caught.value)
    assert left_in(stores) == []


def test_a_program_that_does_not_start_is_no_engine(tiny: Tiny, stores: Stores) -> None:
    """It compiles but panics at start: found out by the build, not by a notebook."""
    (tiny.engine.folder / "mends/files/tiny/mark.go").write_text(
        'package main\n\nconst mark = ""\n\nfunc init() { panic("unsupported type") }\n'
    )

    with pytest.raises(BuildFailed, match="first start failed") as caught:
        tiny.ensure(stores)

    assert "unsupported type" in caught.value.evidence
    assert left_in(stores) == []


def test_a_mend_that_does_not_fit_leaves_nothing(tiny: Tiny, stores: Stores) -> None:
    """A wrong anchor is an error of its own."""
    edits = tiny.engine.folder / "mends/edits/tiny.toml"
    edits.write_text(edits.read_text().replace("unmended", "missing"))

    with pytest.raises(MendFailed, match=r"tiny/main\.go"):
        tiny.ensure(stores)

    assert left_in(stores) == []


def test_a_build_that_takes_too_long_leaves_nothing(tiny: Tiny, stores: Stores) -> None:
    """The time limit ends the build and names the command that has none."""
    with pytest.raises(BuildTimedOut, match=r"took longer than 0\.05 s.*engine build") as caught:
        tiny.ensure(stores, timeout=0.05)

    assert caught.value.seconds == 0.05
    assert left_in(stores) == []


def test_waiting_for_another_builder_has_a_limit_too(tiny: Tiny, stores: Stores) -> None:
    """Whoever holds the lock for too long is not waited for any longer."""
    key = tiny.ensure(stores).key
    (stores.user / key / "manifest.json").unlink()
    lines: list[str] = []

    with stores.lock(key, timeout=1), pytest.raises(BuildTimedOut, match="waiting for another"):
        tiny.ensure(stores, timeout=0.3, progress=lines.append)

    assert lines == ["tiny is being built by another process: waiting"]


def test_a_broken_build_is_replaced(tiny: Tiny, stores: Stores) -> None:
    """A folder whose program was cut short doesn't stand in the way."""
    first = tiny.ensure(stores)
    first.executable.write_bytes(b"x")

    assert tiny.ensure(stores).intact()


def test_without_building_a_missing_engine_names_the_command(tiny: Tiny, stores: Stores) -> None:
    """`build=False`: one sentence, and nothing is made."""
    with pytest.raises(EngineMissing, match="jupyter gokernel engine build --engine tiny --go"):
        tiny.ensure(stores, build=False)

    assert not stores.user.exists()


def test_without_building_a_site_store_serves(tiny: Tiny, stores: Stores, tmp_path: Path) -> None:
    """A read-only store of the site's is all that a Hub's user needs."""
    built = tiny.ensure(stores)
    user = Stores((stores.user,), tmp_path / "user")

    assert tiny.ensure(user, build=False) == built
    assert not user.user.exists()


def test_an_untrusted_site_store_is_gone_without(
    tiny: Tiny, stores: Stores, tmp_path: Path
) -> None:
    """What others can write is not run: the user's own is built instead."""
    tiny.ensure(stores).folder.chmod(0o777)
    user = Stores((stores.user,), tmp_path / "user")

    assert tiny.ensure(user).folder.parent == user.user
    with pytest.raises(StoreUntrusted):
        tiny.ensure(Stores((stores.user,), tmp_path / "other"), build=False)


def test_an_untrusted_store_of_ones_own_is_refused(tiny: Tiny, stores: Stores) -> None:
    """Nothing is built into a folder where others could replace it."""
    stores.user.mkdir()
    stores.user.chmod(0o777)

    with pytest.raises(StoreUntrusted, match="chmod"):
        tiny.ensure(stores)


def test_a_store_that_can_not_be_written(tiny: Tiny, tmp_path: Path) -> None:
    """The sentence names the store and the variable that moves it."""
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnwritable, match=r"file/store can't be written.*GOKERNEL_STORE"):
        tiny.ensure(Stores((), tmp_path / "file" / "store"))


def test_go_that_is_too_old(tiny: Tiny, stores: Stores) -> None:
    """An old Go is told from its version, before anything is tried."""
    old = replace(tiny, chain=replace(tiny.chain, version="1.21.13"))

    with pytest.raises(GoTooOld, match=r"needs Go 1\.22 or newer, and this is Go 1\.21\.13"):
        old.ensure(stores)


def test_windows_is_pointed_to_wsl(tiny: Tiny, stores: Stores) -> None:
    """One sentence says what works."""
    windows = replace(tiny, chain=replace(tiny.chain, goos="windows"))

    with pytest.raises(UnsupportedPlatform, match="WSL"):
        windows.ensure(stores)


def test_an_unreachable_proxy(tiny: Tiny, stores: Stores) -> None:
    """The sentence says who can't be reached and why."""
    away = tiny.with_variables(GOPROXY="https://me:hunter2@127.0.0.1:9")

    with pytest.raises(BuildFailed, match=r"127\.0\.0\.1 refuses connections") as caught:
        away.ensure(stores)

    assert "hunter2" not in caught.value.evidence


def test_a_proxy_without_the_modules(tiny: Tiny, stores: Stores, tmp_path: Path) -> None:
    """An incomplete mirror is told from an unreachable one."""
    with pytest.raises(BuildFailed) as caught:
        tiny.with_variables(GOPROXY=f"file://{tmp_path}").ensure(stores)

    assert caught.value.kind == "no-file"


def test_no_c_compiler(tiny: Tiny, stores: Stores) -> None:
    """CGO_ENABLED=1 with a CC that isn't there: the sentence is about the compiler."""
    with pytest.raises(BuildFailed) as caught:
        tiny.with_variables(CGO_ENABLED="1", CC="/nonexistent/cc").ensure(stores)

    assert caught.value.kind == "c-compiler"
