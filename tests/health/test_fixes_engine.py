"""`engine.rebuild`: what is missing or was changed is built, nothing else is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from go_kernel import prepare
from go_kernel.config import KernelConfig
from go_kernel.engines.store import Build
from go_kernel.health import offers
from go_kernel.prepare import Limits
from go_kernel.resolve import Policy
from tests import prefixes
from tests.health.conftest import World
from tests.health.test_fixes_kernelspec import do, nothing


@pytest.fixture
def prefix(world: World) -> Path:
    """A real environment; Go's own build cache makes a build a matter of seconds."""
    return world.conda_prefix("go=1.26")


def built(world: World, prefix: Path) -> Build:
    """The engine of an environment, which must be there."""
    config = KernelConfig("shared", str(prefix))
    limits = Limits(build_at_launch=False)
    found = prepare.resolved(config, world.env, limits=limits, policy=Policy())
    return prepare.engine_for(config, found, world.env, limits=limits)


def test_missing_then_changed(world: World, prefix: Path) -> None:
    """A missing engine is built, with progress; one that somebody changed is built again."""
    world.install(prefix, build_at_launch=False)
    said: list[str] = []
    context = world.context(prefix)
    preview = do("engine.rebuild", type(context)(context.subject, context.around, said.append))
    assert preview.startswith("Build gophernotes with Go 1.26.6")
    assert "which go-shared will run" in preview
    assert any("built in" in line for line in said)
    engine = built(world, prefix)
    before = engine.executable.read_bytes()
    engine.executable.chmod(0o755)
    prefixes.rewrite(engine.executable, before[:-1] + b"x")
    assert " again into " in do("engine.rebuild", world.context(prefix))
    assert built(world, prefix).intact()
    # One that is as it was built can be built anew all the same, and after those that need it.
    world.install(prefix, "go-other", settings={"CGO_ENABLED": "0"})
    [step] = offers.plan("engine.rebuild", world.context(prefix)).steps
    assert "go-other" in step
    world.install(prefix, "go-other")
    [step] = offers.plan("engine.rebuild", world.context(prefix)).steps
    assert " again into " in step


def test_one_build_for_two_kernels(world: World, prefix: Path) -> None:
    """Two kernels that run the same engine are named in one step."""
    world.install(prefix, "go-a")
    world.install(prefix, "go-b")
    plan = offers.plan("engine.rebuild", world.context(prefix))
    [step] = plan.steps
    assert "go-a and go-b will run" in step


def test_nothing_that_would_not_run(world: World, prefix: Path) -> None:
    """Into a store that others can write nothing is built."""
    world.install(prefix)
    store = Path(world.env["GOKERNEL_STORE"])
    store.mkdir()
    store.chmod(0o777)
    assert nothing("engine.rebuild", world.context(prefix))


def test_nothing_that_a_site_keeps(world: World, prefix: Path, dev_cache: Path) -> None:
    """A site's engines come first, so that building them anew would be no help."""
    world.install(prefix)
    world.env["GOKERNEL_SITE_STORES"] = str(dev_cache / "engines")
    assert nothing("engine.rebuild", world.context(prefix))


def test_a_broken_go_comes_first(world: World) -> None:
    """Where the Go itself is broken, building is no help."""
    prefix = world.prefix()
    world.install(prefix)
    shutil.rmtree(prefix / "go" / "pkg")
    assert nothing("engine.rebuild", world.context(prefix))
