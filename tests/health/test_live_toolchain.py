"""Activation, Go's own view, its files, the engine and C: real ones, whole and broken."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from go_kernel import digests
from go_kernel.engines.store import Build
from go_kernel.files import write_atomic
from go_kernel.findings import Finding, Status
from go_kernel.health import runner
from go_kernel.health.check import Check
from go_kernel.health.context import Context
from go_kernel.health.live import (
    activation,
    agreement,
    cgo,
    engine,
    kernels,
    modcache,
    proxies,
    sums,
    whole,
)
from go_kernel.resolve import Target
from tests import prefixes, unprivileged
from tests.conftest import CondaPrefix
from tests.health.conftest import World

GO = ("go=1.26", "go-cgo_linux-64")


@pytest.fixture(scope="module")
def healthy(conda_prefix: CondaPrefix) -> Path:
    """A real environment, to look at."""
    return conda_prefix(*GO)


@pytest.fixture(scope="module")
def broken(conda_prefix: CondaPrefix) -> Path:
    """One whose Go says that it is another, with a file changed, one gone and one more."""
    prefix = conda_prefix(*GO, name="broken")
    replaced = {"VERSION": b"go1.26.5\n", "src/sort/sort.go": b"package sort\n"}
    for name, content in replaced.items():
        write_atomic(prefix / "go" / name, content)
    (prefix / "go/src/sort/search.go").unlink()
    (prefix / "go/src/sort/zz.go").write_text("package sort\n")
    return prefix


def only(check: Check, context: Context) -> Finding:
    [finding] = runner.run([check], [context])
    return finding


def test_scripts_that_run(world: World, healthy: Path) -> None:
    """The cgo package's own script, for one."""
    finding = only(activation.AFRESH, world.context(healthy))
    assert finding.status is Status.OK
    assert "activate-z61-go-cgo" in finding.evidence


def test_a_script_that_gives_up(world: World) -> None:
    """It is named, with what it said; one that was mended is run again, remembered or not."""
    prefix = world.prefix()
    path = prefixes.script(prefix, "a.sh", 'echo "no licence" >&2; exit 3')
    finding = only(activation.AFRESH, world.context(prefix))
    assert finding.status in (Status.WARN, Status.ERROR)
    assert "a.sh" in finding.summary
    path.write_text("export A=1")
    assert only(activation.AFRESH, world.context(prefix)).status is Status.OK


def test_a_script_whose_outcome_changes(world: World) -> None:
    """What it read has changed and it itself hasn't: kernels then get the new value."""
    prefix = world.prefix()
    value = prefixes.write(prefix / "value", "one")
    prefixes.script(prefix, "a.sh", f'export FROM_FILE="$(cat "{value}")"')
    assert only(activation.AFRESH, world.context(prefix)).status is Status.OK
    value.write_text("two")
    finding = only(activation.AFRESH, world.context(prefix))
    assert finding.status is Status.INFO
    assert "FROM_FILE" in finding.summary
    assert world.context(prefix).resolved.environment.get("FROM_FILE") == "two"


def test_no_scripts(world: World) -> None:
    """An environment without, and a Go outside of conda."""
    assert only(activation.AFRESH, world.context(world.prefix())).status is Status.OK
    outside = Target("go", goroot=world.goroot("1.26"))
    assert only(activation.AFRESH, world.context(outside)).status is Status.SKIPPED


@pytest.mark.parametrize("version", ["1.22", "1.27"])
def test_go_agrees(world: World, version: str) -> None:
    """Outside of conda, the oldest and the newest."""
    finding = only(agreement.AGREES, world.context(Target("go", goroot=world.goroot(version))))
    assert finding.status is Status.OK, finding
    assert f"go{version}" in finding.summary


def test_go_agrees_in_conda(world: World, healthy: Path, broken: Path) -> None:
    """With all that activation sets; and not where VERSION is another's."""
    assert only(agreement.AGREES, world.context(healthy)).status is Status.OK
    finding = only(agreement.AGREES, world.context(broken))
    assert finding.status is Status.ERROR
    assert "go1.26.6" in finding.evidence
    assert "go1.26.5" in finding.evidence


def test_no_password_is_told_where_go_disagrees(world: World) -> None:
    """Go's values are shown masked."""
    wrapped = prefixes.go_prefix(world.folder / "wrapped")
    real = world.goroot("1.26") / "bin/go"
    script = (
        "#!/bin/sh\n"
        'if [ "$1" = env ]; then echo \'{"GOPROXY": "https://me:hunter2@a.invalid"}\'; exit; fi\n'
        f'exec "{real}" "$@"\n'
    )
    prefixes.program(wrapped / "go/bin/go", script)
    finding = only(agreement.AGREES, world.context(wrapped, env={**world.env, "GOPROXY": "off"}))
    assert finding.status is Status.ERROR
    assert "GOPROXY is 'https://***@a.invalid'" in finding.evidence
    assert "hunter2" not in str(finding.to_dict())


@pytest.mark.parametrize("check", [agreement.AGREES, cgo.LOADS, proxies.REACHABLE, sums.REACHABLE])
def test_a_go_that_is_another_one_is_not_run(
    world: World, conda_prefix: CondaPrefix, check: Check
) -> None:
    """Not even to look at what it would say."""
    prefix = conda_prefix("go=1.26", name="planted")
    ran = world.folder / "ran"
    write_atomic(prefix / "go/bin/go", f"#!/bin/sh\ntouch {ran}\n", mode=0o755)
    (prefix / "bin/go").unlink()
    (prefix / "bin/go").symlink_to("../go/bin/go")
    finding = only(check, world.context(prefix))
    assert finding.status is Status.ERROR
    assert "is not the file that was installed" in finding.summary
    assert not ran.exists()


def test_all_files(world: World, healthy: Path, broken: Path) -> None:
    """Each of some ten thousand; what was changed, removed and added is named."""
    assert only(whole.FILES, world.context(healthy)).status is Status.OK
    finding = only(whole.FILES, world.context(broken))
    assert finding.status is Status.ERROR
    assert "4 files of Go are not what conda installed" in finding.summary
    for line in (
        "VERSION: changed",
        "src/sort/sort.go: changed",
        "src/sort/search.go: missing",
        "src/sort/zz.go: not from the package",
    ):
        assert line in finding.evidence
    assert "--force-reinstall go" in str(finding.remedy)


_UNREADABLE = """
from pathlib import Path
from go_kernel.health import runner, subject
from go_kernel.health.context import Context, Surroundings
from go_kernel.health.live import whole
from go_kernel.health.static import toolchain
from go_kernel.resolve import Target
prefix = Path(sys.argv[1])
drop()
around = Surroundings({"HOME": "/dev/null"})
context = Context(subject.of(Target("x", prefix=prefix), ()), around)
found = [runner.run_one(check, context)[0] for check in (whole.FILES, toolchain.WHOLE)]
print(json.dumps([[one.status.value, f"{one} {one.evidence}"] for one in found]))
"""


def test_files_that_may_not_be_read() -> None:
    """They are not called changed, nor missing; those that were changed still are."""
    with unprivileged.open_folder() as folder:
        prefix = prefixes.go_prefix(folder / "envs" / "x")
        sources = [prefix / "go/src" / name / "a.go" for name in ("fmt", "sort", "net")]
        for file in sources:
            prefixes.write(file, "package a\n")
        paths = [
            {
                "_path": str(file.relative_to(prefix)),
                "sha256_in_prefix": digests.sha256(file),
                "size_in_bytes": file.stat().st_size,
            }
            for file in [prefix / "go/bin/go", *sources]
        ]
        record = {"name": "go", "version": "1.26.6", "build": "0", "paths_data": {"paths": paths}}
        prefixes.write(prefix / "conda-meta/go-1.26.6-0.json", json.dumps(record))
        sources[0].parent.chmod(0)
        sources[1].chmod(0)
        (files, text), (_, sampled) = unprivileged.run(_UNREADABLE, prefix)
        assert files == "warn"
        assert "2 of Go's 4 files can't be read" in text
        assert "missing" not in text + sampled
        assert "can't be examined" in sampled
        sources[2].write_text("package b\n")
        (files, text), _ = unprivileged.run(_UNREADABLE, prefix)
        assert files == "error"
        assert "a file of Go is not what conda installed" in text


def test_all_files_where_nobody_wrote_them_down(world: World) -> None:
    """Outside of conda, and in an environment whose record is gone."""
    outside = Target("go", goroot=world.goroot("1.26"))
    for place in (outside, world.prefix()):
        assert only(whole.FILES, world.context(place)).status is Status.SKIPPED


def test_no_time_to_hash_all(world: World, healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it isn't known, and nothing is called right that wasn't looked at."""
    monkeypatch.setattr(whole, "_TO_FINISH", whole._SECONDS)
    finding = only(whole.FILES, world.context(healthy))
    assert finding.status is Status.UNKNOWN
    assert "only 0 of" in finding.summary


@pytest.fixture
def kept(world: World, dev_cache: Path) -> dict[str, str]:
    """The environment with the store of engines that is kept between runs."""
    return {**world.env, "GOKERNEL_STORE": str(dev_cache / "engines")}


def engine_of(context: Context) -> Build:
    kernels.build_engine(context, time.monotonic() + 600)
    found = engine.built(context)
    assert found is not None
    return found


def copied(build: Build, store: Path) -> Path:
    """A build's folder in another store, to change."""
    return shutil.copytree(build.folder, store / build.key)


def test_an_engine_of_this_go(world: World, kept: dict[str, str]) -> None:
    """gophernotes and GoNB with all its programs, each kernel told."""
    target = Target("go", goroot=world.goroot("1.26"))
    assert only(engine.VERSION, world.context(target)).status is Status.SKIPPED
    world.install(target, "go-a")
    world.install(target, "go-b", engine="gonb")
    context = world.context(target, env=kept)
    for kernel in context.subject.kernels:
        engine_of(context.of_kernel(kernel))
    findings = runner.run([engine.VERSION], [context])
    assert [(one.kernel, one.status) for one in findings] == [
        ("go-a", Status.OK),
        ("go-b", Status.OK),
    ]


def test_an_engine_of_another_go(world: World, kept: dict[str, str]) -> None:
    """A store in which somebody put another's program under this one's name."""
    target, other = (Target("go", goroot=world.goroot(one)) for one in ("1.26", "1.27"))
    folder = copied(engine_of(world.context(target, env=kept)), world.folder / "store")
    foreign = engine_of(world.context(other, env=kept)).executable
    program = shutil.copy(foreign, folder / "bin/gophernotes")
    found = engine.built(world.context(target, env=kept))
    assert found is not None
    made = replace(found.manifest, size=program.stat().st_size, sha256=digests.sha256(program))
    made.write(folder)
    finding = only(engine.VERSION, world.context(target))
    assert finding.status is Status.ERROR
    assert "was built by go1.27" in finding.summary
    assert finding.fix is not None
    assert finding.fix.id == "engine.rebuild"


def test_an_engine_of_other_modules(world: World, kept: dict[str, str]) -> None:
    """Its manifest says other versions than are in it; or it is no program of Go's at all."""
    target = Target("go", goroot=world.goroot("1.26"))
    build = engine_of(world.context(target, env=kept))
    folder = copied(build, world.folder / "store")
    replace(build.manifest, modules={"github.com/gopherdata/gophernotes": "v0.0.1"}).write(folder)
    finding = only(engine.VERSION, world.context(target))
    assert finding.status is Status.ERROR
    assert "gophernotes v0.7.5 is in it and not v0.0.1" in finding.evidence
    write_atomic(folder / "bin/gophernotes", b"\0" * build.manifest.size, mode=0o755)
    assert "nothing that Go can read" in only(engine.VERSION, world.context(target)).summary


@pytest.fixture
def with_library(conda_prefix: CondaPrefix) -> Path:
    """An environment with a C library and its header."""
    prefix = conda_prefix(*GO, name="library")
    prefixes.write(prefix / "include/zlib.h", "const char *zlibVersion(void);\n")
    compile_library(prefix, "z", 'const char *zlibVersion(void) { return "1"; }')
    return prefix


def compile_library(prefix: Path, name: str, source: str, *flags: str) -> Path:
    made = prefix / "lib" / f"lib{name}.so"
    made.parent.mkdir(parents=True, exist_ok=True)
    made.unlink(missing_ok=True)
    argv = ["gcc", "-shared", "-fPIC", "-x", "c", "-", "-x", "none", *flags, "-o", str(made)]
    subprocess.run(argv, input=source, text=True, check=True)
    return made


def test_c_without_a_library(world: World) -> None:
    """Just a function; outside of conda."""
    finding = only(cgo.LOADS, world.context(Target("go", goroot=world.goroot("1.26"))))
    assert (finding.status, finding.summary) == (Status.OK, "C compiles, loads and runs.")
    assert not [*world.around().scratch.iterdir()]


def test_a_library_of_the_environment(world: World, with_library: Path) -> None:
    """Found by the program itself; or flags lead to another one of that name."""
    context = world.context(with_library)
    finding = only(cgo.LOADS, context)
    assert finding.status is Status.OK
    assert "the environment's libz compiles, loads and runs" in finding.summary
    other = world.folder / "other"
    compile_library(other, "z", 'const char *zlibVersion(void) { return "2"; }')
    flags = f"-L{other}/lib -Wl,-rpath,{other}/lib"
    world.install(with_library, settings={"CGO_LDFLAGS": flags})
    finding = only(cgo.LOADS, world.context(with_library))
    assert finding.status is Status.WARN
    assert f"{other}/lib/libz.so" in finding.summary


def test_a_library_without_its_own(world: World, with_library: Path) -> None:
    """It links, and something that it needs is gone when it is loaded."""
    context = world.context(with_library)
    gone = compile_library(with_library, "gone", "int gone(void) { return 1; }")
    source = 'int gone(void);\nconst char *zlibVersion(void) { gone(); return "1"; }'
    flags = ("-Wl,--no-as-needed", f"-L{gone.parent}", "-lgone", "-Wl,--allow-shlib-undefined")
    compile_library(with_library, "z", source, *flags)
    (world.folder / "site").mkdir()
    gone.rename(world.folder / "site" / gone.name)
    site = {**world.env, "LD_LIBRARY_PATH": str(world.folder / "site")}
    finding = only(cgo.LOADS, world.context(with_library, env=site))
    assert finding.status is Status.INFO
    assert "only as long as LD_LIBRARY_PATH" in finding.summary
    finding = only(cgo.LOADS, context)
    assert finding.status is Status.WARN
    assert "libgone.so" in finding.summary + finding.evidence


def test_a_compiler_that_does_not_work(world: World, healthy: Path) -> None:
    """It is there, so nothing was noticed before; no program comes of it."""
    world.install(healthy, settings={"CC": "/bin/false"})
    finding = only(cgo.LOADS, world.context(healthy))
    assert finding.status is Status.WARN
    assert "can't be imported" in finding.summary


def test_c_switched_off(world: World, healthy: Path) -> None:
    """Somebody's decision, and no fault."""
    world.install(healthy, settings={"CGO_ENABLED": "0"})
    assert only(cgo.LOADS, world.context(healthy)).status is Status.SKIPPED


def test_the_module_cache(world: World) -> None:
    """None yet, then one with a module that somebody changed; poison has its own tests."""
    target = Target("go", goroot=world.goroot("1.26"))
    place = world.folder / "modcache"
    context = world.context(target, env={**world.env, "GOMODCACHE": str(place)})
    assert only(modcache.INTACT, context).status is Status.SKIPPED
    prefixes.write(place / "a.test@v1.0.0/a.go", "package a\n")
    hashed = prefixes.write(
        place / "cache/download/a.test/@v/v1.0.0.ziphash",
        "h1:another",
    )
    finding = only(modcache.INTACT, context)
    assert finding.status is Status.WARN
    assert "a.test@v1.0.0" in finding.evidence
    assert finding.fix is not None
    hashed.unlink()
    assert only(modcache.INTACT, context).status is Status.OK
