"""Real kernels that answer and import, and engines, networks and caches that don't let them."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from go_kernel import digests
from go_kernel.engines.store import Build
from go_kernel.findings import Finding, Status
from go_kernel.health import runner
from go_kernel.health.check import Check
from go_kernel.health.context import Context
from go_kernel.health.live import engine, imports, kernel_answers, kernels
from go_kernel.health.live.trial import SAMPLE, SAMPLE_VERSION
from go_kernel.prepare import Limits
from go_kernel.resolve import Policy, Target
from tests import prefixes
from tests.health.conftest import World


@pytest.fixture
def target(world: World) -> Target:
    """A Go outside of conda."""
    return Target("go", goroot=world.goroot("1.26"))


@pytest.fixture
def kept(world: World, dev_cache: Path) -> dict[str, str]:
    """The environment with the store of engines that is kept between runs."""
    return {**world.env, "GOKERNEL_STORE": str(dev_cache / "engines")}


@pytest.fixture(autouse=True)
def _nothing_stays(world: World) -> Iterator[None]:
    """No process, no scratch folder and no connection file of a kernel is left by any test."""
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield
    after = psutil.Process().children(recursive=True)
    left = [one for one in after if one.pid not in before]
    assert not psutil.wait_procs(left, timeout=5)[1]
    assert not [*world.around().scratch.glob("kernel-*")]
    assert not [*Path(world.env["HOME"]).rglob("runtime/*")]


def only(check: Check, context: Context) -> Finding:
    [finding] = runner.run([check], [context])
    return finding


def test_before_a_kernel_is_installed(world: World, target: Target, kept: dict[str, str]) -> None:
    """An environment is proved by the kernel that it would get, from start to offline import."""
    said: list[str] = []
    context = replace(world.context(target, env=kept), progress=said.append)
    findings = runner.run([kernel_answers.ANSWERS, imports.THIRD_PARTY, imports.OFFLINE], [context])
    assert [one.status for one in findings] == [Status.OK] * 3, findings
    assert "not installed yet" in findings[0].summary
    assert f"{SAMPLE} is imported" in findings[1].summary
    assert "Without a network" in findings[2].summary
    assert "starting a kernel (gophernotes)" in said
    # The network is gone by now, and that doesn't show: it is said where the module is from.
    away = replace(context.around, env={**kept, "GOPROXY": "http://127.0.0.1:9"})
    finding = only(imports.THIRD_PARTY, replace(context, around=away))
    assert finding.status is Status.OK
    assert "out of what is kept" in finding.summary


def test_each_installed_kernel_answers(world: World, target: Target, kept: dict[str, str]) -> None:
    """By name, GoNB and one without a provisioner among them."""
    world.install(target, "go-a", portable=True)
    world.install(target, "go-b", engine="gonb")
    findings = runner.run([kernel_answers.ANSWERS], [world.context(target, env=kept)])
    said = [(one.kernel, one.status) for one in findings]
    assert said == [("go-a", Status.OK), ("go-b", Status.OK)], findings


def test_variables_that_no_kernel_can_have(
    world: World, target: Target, kept: dict[str, str]
) -> None:
    """What somebody wrote into `env` is named; nothing is tried."""
    kernel = world.install(target)
    for env, named in (({"A": 5}, "'A' in 'env'"), ([1], "'env' in its kernel.json")):
        path = kernel.folder / "kernel.json"
        path.write_text(json.dumps({**kernel.content, "env": env}))
        finding = only(kernel_answers.ANSWERS, world.context(target, env=kept))
        assert finding.status is Status.ERROR
        assert named in finding.summary
        assert finding.remedy is not None
        assert "engine" not in finding.remedy.text


def test_gonb_imports(world: World, target: Target, kept: dict[str, str]) -> None:
    """With cells of its own."""
    world.install(target, engine="gonb")
    context = world.context(target, env=kept)
    findings = runner.run([imports.THIRD_PARTY, imports.OFFLINE], [context])
    assert [one.status for one in findings] == [Status.OK] * 2, findings


def test_an_engine_that_may_not_be_built(world: World, target: Target) -> None:
    """It is missing, and a launch here doesn't build."""
    around = {"limits": Limits(build_at_launch=False)}
    finding = only(kernel_answers.ANSWERS, world.context(target, **around))
    assert finding.status is Status.ERROR
    assert "has not been built" in finding.summary
    assert "engine build" in str(finding.remedy)


def replaced(context: Context, kept: Context, script: str) -> None:
    """Put a script into the store in place of the engine, as somebody might."""
    kernels.build_engine(kept, time.monotonic() + 600)
    build = engine.built(kept)
    assert isinstance(build, Build)
    folder = shutil.copytree(build.folder, context.around.stores.user / build.key)
    program = folder / build.manifest.executable
    program.unlink()
    prefixes.program(program, f"#!/bin/sh\n{script}\n")
    made = replace(build.manifest, size=program.stat().st_size, sha256=digests.sha256(program))
    made.write(folder)


def test_an_engine_that_ends_at_once(world: World, target: Target, kept: dict[str, str]) -> None:
    """What it printed is the evidence, not on the terminal."""
    world.install(target, "go-a")
    context = world.context(target)
    replaced(context, world.context(target, env=kept), "echo no licence >&2; exit 3")
    finding = only(kernel_answers.ANSWERS, context)
    assert (finding.kernel, finding.status) == ("go-a", Status.ERROR)
    assert "no licence" in finding.evidence
    assert finding.fix is not None


def test_an_engine_that_never_answers(
    world: World, target: Target, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given up, and ended with all that it started."""
    monkeypatch.setattr(kernels, "_READY", 1.0)
    context = world.context(target)
    replaced(context, world.context(target, env=kept), "sleep 600 & sleep 600")
    finding = only(kernel_answers.ANSWERS, context)
    assert finding.status is Status.ERROR
    assert "didn't respond" in finding.summary


def test_variables_of_the_site_hold(world: World, target: Target, kept: dict[str, str]) -> None:
    """The kernel gets what the server's configuration says, in its order."""
    policy = Policy(user={"GOPROXY": "https://mine.invalid"}, site={"GOPROXY": "off"})
    context = world.context(target, env=kept, policy=policy)
    kernels.build_engine(context, time.monotonic() + 600)
    with kernels.started(context, time.monotonic() + 60) as kernel:
        assert "off" in kernel.run('import "os"\nos.Getenv("GOPROXY")')
        with pytest.raises(kernels.CellFailed, match="undefined"):
            kernel.run("nowhere()")


def test_an_import_without_a_way_to_the_proxy(
    world: World, target: Target, kept: dict[str, str]
) -> None:
    """The network is the reason, and is named; nothing was kept, so offline has nothing to try."""
    alone = {
        "GOPROXY": "http://127.0.0.1:9",
        "GOMODCACHE": str(world.folder / "mod"),
        "GOFLAGS": "-modcacherw",
    }
    context = world.context(target, env={**kept, **alone})
    finding = only(imports.THIRD_PARTY, context)
    assert finding.status is Status.WARN
    assert f"{SAMPLE} can't be imported: 127.0.0.1 refuses connections" in finding.summary
    assert only(imports.OFFLINE, context).status is Status.SKIPPED


def test_a_module_cache_with_holes(world: World, target: Target, kept: dict[str, str]) -> None:
    """It holds the module's zip, and what else an import needs is gone: told as such."""
    mod = world.folder / "mod"
    prefixes.write(mod / f"cache/download/{SAMPLE}/@v/{SAMPLE_VERSION}.zip", b"")
    finding = only(imports.OFFLINE, world.context(target, env={**kept, "GOMODCACHE": str(mod)}))
    assert finding.status is Status.WARN
    assert "without a network: downloads are switched off" in finding.summary


def test_imports_without_cgo(world: World, target: Target, kept: dict[str, str]) -> None:
    """There is nothing to try; the check of the compiler says why."""
    world.install(target, settings={"CGO_ENABLED": "0"})
    context = world.context(target, env=kept)
    findings = runner.run([imports.THIRD_PARTY, imports.OFFLINE], [context])
    assert [one.status for one in findings] == [Status.SKIPPED] * 2
