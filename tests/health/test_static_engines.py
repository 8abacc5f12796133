"""Checks of engines: built, by this Go, and still what was built."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from go_kernel.findings import Status
from go_kernel.health import catalogue, runner
from go_kernel.health.context import Context
from go_kernel.prepare import Limits
from go_kernel.resolve import Target, resolve
from tests import prefixes
from tests.health.cases import Case, judge
from tests.health.conftest import World


def built(world: World) -> Context:
    """A kernel whose engine is there."""
    prefix = world.prefix()
    world.install(prefix)
    world.build(prefix)
    return world.context(prefix)


def real(world: World) -> Context:
    """The same of an environment of conda's, after its scripts were run."""
    prefix = world.conda_prefix("go=1.26", "go-cgo_linux-64")
    world.install(prefix)
    context = world.context(prefix)
    resolve(context.target, world.env, cache=context.around.cache)
    world.build(prefix)
    return world.context(prefix)


def before_the_scripts_ran(world: World) -> Context:
    """Nobody knows the engine's key; one that this very `go` built counts."""
    prefix = world.prefix()
    world.install(prefix)
    world.build(prefix)
    prefixes.script(prefix, "a.sh", "export GOAMD64=v3\n")
    return world.context(prefix)


def without_kernel(world: World) -> Context:
    """There is nothing to build for."""
    return world.context(world.prefix())


def not_built(world: World) -> Context:
    """`install --no-build`: the next launch does it."""
    prefix = world.prefix()
    world.install(prefix)
    return world.context(prefix)


def launch_may_not(world: World) -> Context:
    """The kernel's own configuration says so."""
    prefix = world.prefix()
    world.install(prefix, build_at_launch=False)
    return world.context(prefix)


def server_may_not(world: World) -> Context:
    """The server's configuration says so."""
    context = not_built(world)
    return world.context(context.target, limits=Limits(build_at_launch=False))


def upgraded(world: World) -> Context:
    """Another `go` than the one that built it."""
    context = built(world)
    go = context.target.place / "go/bin/go"
    go.unlink()
    prefixes.program(go, b"\x7fELF newer")
    return world.context(context.target)


def other_settings(world: World) -> Context:
    """Built with C, wanted without."""
    prefix = world.prefix()
    world.install(prefix)
    world.build(prefix)
    world.install(prefix, settings={"CGO_ENABLED": "0"})
    return world.context(prefix)


def manifest_of_another(world: World) -> Context:
    """In its place stands what another `go` built."""
    prefix = world.prefix()
    world.install(prefix)
    world.build(prefix, go_sha256="b" * 64)
    return world.context(prefix)


def gonb_on_an_old_go(world: World) -> Context:
    """It can't be built at all."""
    prefix = world.prefix(version="1.22.1")
    world.install(prefix, engine="gonb")
    return world.context(prefix)


def changed(world: World) -> Context:
    """Same size, other content."""
    context = built(world)
    build = world.build(context.target)
    content = build.executable.read_bytes()
    prefixes.rewrite(build.executable, content[::-1])
    return world.context(context.target)


def appended(world: World) -> Context:
    """One line more: launches don't run it, they build it again."""
    context = built(world)
    with world.build(context.target).executable.open("ab") as program:
        program.write(b"# hello\n")
    return world.context(context.target)


def of_everybody(world: World) -> Context:
    """Anybody may replace its program."""
    context = built(world)
    world.build(context.target).executable.chmod(0o777)
    return world.context(context.target)


WELL = [
    Case("engine.built", built, words="gophernotes is built by this Go 1.26.6."),
    Case("engine.built", real, words="gophernotes is built by this Go 1.26.6."),
    Case("engine.built", before_the_scripts_ran),
    Case("engine.built", without_kernel, Status.SKIPPED),
    Case("engine.built", of_everybody, Status.SKIPPED, "engine.intact says why"),
    Case("engine.intact", built, words="is what was built."),
    Case("engine.intact", real),
    Case("engine.intact", not_built, Status.SKIPPED, "not built yet"),
    Case("engine.intact", appended, Status.SKIPPED, "engine.built says more"),
]
REBUILD = "engine.rebuild"
BROKEN = [
    Case("engine.built", not_built, Status.WARN, "The next launch builds it", REBUILD),
    Case("engine.built", launch_may_not, Status.ERROR, "engine build --kernel go-demo", REBUILD),
    Case("engine.built", server_may_not, Status.ERROR, "Launches may not build it", REBUILD),
    Case("engine.built", upgraded, Status.WARN, "has not been built for this Go", REBUILD),
    Case("engine.built", other_settings, Status.WARN, "without a C compiler", REBUILD),
    Case("engine.built", manifest_of_another, Status.WARN, "by another `go`", REBUILD),
    Case("engine.built", gonb_on_an_old_go, Status.ERROR, "GoNB"),
    Case("engine.built", appended, Status.WARN, "was changed or removed since", REBUILD),
    Case("engine.intact", changed, Status.ERROR, "is not what was built", REBUILD),
    Case("engine.intact", of_everybody, Status.ERROR, "is writable by everybody"),
]


@pytest.mark.parametrize("case", [*WELL, *BROKEN], ids=str)
def test_the_answer(case: Case, world: World) -> None:
    """What people are told, and the fix that is offered."""
    judge(case, world)


def test_a_change_that_hides_its_time_is_seen_after_the_hash_was_remembered(world: World) -> None:
    """Remembering may not hide what it is there to find."""
    context = built(world)
    judge(Case("engine.intact", lambda world: context), world)
    judge(Case("engine.intact", changed_again(context), Status.ERROR, "", REBUILD), world)


def changed_again(context: Context):  # type: ignore[no-untyped-def]
    """Rewrite the program of an engine that was looked at."""

    def make(world: World) -> Context:
        [program] = (world.folder / "store").glob("*/bin/*")
        prefixes.rewrite(program, program.read_bytes()[::-1])
        return world.context(context.target)

    return make


def test_a_changed_engine_is_not_started(world: World) -> None:
    """Whoever asks for a live check alone is told, too, and nothing runs."""
    checks = catalogue.chosen(["kernel.answers", "engine.version"])
    findings = {one.id: one for one in runner.run(checks, [changed(world)])}
    assert findings["engine.intact"].status is Status.ERROR
    for check in ("kernel.answers", "engine.version"):
        assert findings[check].status is Status.SKIPPED
        assert "engine.intact" in findings[check].summary


def test_a_replaced_go_is_said_once(world: World) -> None:
    """Nothing is built with it, so nobody promises that."""
    target = Target("go", goroot=prefixes.goroot(world.folder / "go"))
    world.install(target, go_sha256="a" * 64)
    findings = {one.id: one for one in runner.run(catalogue.STATIC, [world.context(target)])}
    assert findings["toolchain.hash"].status is Status.ERROR
    for check in ("engine.built", "engine.intact"):
        assert findings[check].status is Status.SKIPPED
        assert "toolchain.hash" in findings[check].summary


def test_each_kernel_is_answered_for(world: World) -> None:
    """One of another engine, one that names an engine that nobody knows, one that is fine."""
    prefix = world.prefix()
    world.install(prefix, "go-a")
    world.build(prefix)
    world.install(prefix, "go-b", engine="gonb")
    odd = world.install(prefix, "go-c").folder / "kernel.json"
    odd.write_text(odd.read_text().replace('"engine": "gophernotes"', '"engine": "nobody"'))

    case = Case(
        "engine.built", lambda world: world.context(prefix), Status.ERROR, "no engine named"
    )
    found = judge(case, world)

    assert [(one.kernel, one.status.value) for one in found] == [
        ("go-a", "ok"),
        ("go-b", "warn"),
        ("go-c", "error"),
    ]


def test_a_program_that_went(world: World) -> None:
    """It is said that there was one."""
    context = built(world)
    for folder in Path(world.env["GOKERNEL_STORE"]).glob("*/bin"):
        shutil.rmtree(folder)
    again = world.context(context.target)
    judge(Case("engine.built", lambda world: again, Status.WARN, "removed since", REBUILD), world)
