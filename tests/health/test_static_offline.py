"""Checks of bundles, the fix that takes remains away, and `--deep`, which reads every byte."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from go_kernel.findings import Status
from go_kernel.health.context import Context
from go_kernel.health.live.bundles import VERIFIED
from go_kernel.health.runner import run_one
from go_kernel.offline import staging
from go_kernel.offline.store import Bundle, BundleStores
from go_kernel.offline.use import use
from tests.health.cases import Case, judge
from tests.health.conftest import World
from tests.health.test_fixes_kernelspec import do, nothing
from tests.offline import bundling


def put(
    world: World, version: str = "v1.0.0", *, pins: str = "", platform: str = bundling.PLATFORM
) -> Bundle:
    """A bundle in the user's store."""
    made = bundling.make(world.folder, version=version, engine_pins=pins, platform=platform)
    return use(made.archive, BundleStores.from_environment(world.env), world.env).bundle


def without(world: World) -> Context:
    """As on most machines."""
    return world.context()


def with_one(world: World) -> Context:
    """Made by this very version, for this machine."""
    put(world)
    return world.context()


def with_an_old_one(world: World) -> Context:
    """The one from before an upgrade is still there, beside the new one."""
    put(world, pins="0" * 64, platform="plan9-mips")
    put(world, "v1.1.0")
    return world.context()


def of_everybody(world: World) -> Context:
    """Anybody may put something else in it."""
    put(world).folder.chmod(0o777)
    return world.context()


def store_of_everybody(world: World) -> Context:
    """Anybody may put another in its place."""
    put(world).store.chmod(0o777)
    return world.context()


def store_is_a_file(world: World) -> Context:
    """There is none."""
    store = BundleStores.from_environment(world.env).user
    store.parent.mkdir(parents=True)
    store.touch()
    return world.context()


def file_missing(world: World) -> Context:
    """A disk lost it."""
    put(world).sums.unlink()
    return world.context()


def file_cut(world: World) -> Context:
    """A disk lost the rest of it."""
    os.truncate(put(world).sums, 1)
    return world.context()


def summary_missing(world: World) -> Context:
    """Nobody knows what it is."""
    (put(world).folder / "bundle.json").unlink()
    return world.context()


def manifest_damaged(world: World) -> Context:
    """Nobody knows what should be in it."""
    (put(world).folder / "manifest.json").write_text("{")
    return world.context()


def killed(world: World) -> Context:
    """The folder of a use that was killed; nobody holds its lock."""
    left = put(world).store / ".new-killed"
    left.mkdir()
    (left / ".lock").touch()
    return world.context()


def older(world: World) -> Context:
    """Made by another version of ours."""
    put(world, pins="0" * 64)
    return world.context()


def foreign(world: World) -> Context:
    """Made for another machine."""
    put(world, platform="plan9-mips")
    return world.context()


_IDS = ("trusted", "whole", "leftovers", "engines", "toolchain")
WELL = [
    *(Case(f"offline.{name}", with_one) for name in _IDS),
    *(Case(f"offline.{name}", with_an_old_one) for name in _IDS),
    *(Case(f"offline.{name}", without, Status.SKIPPED) for name in _IDS if name != "leftovers"),
    Case("offline.leftovers", without, words="Nothing half-made"),
]
BROKEN = [
    Case("offline.trusted", of_everybody, Status.WARN, "is writable by everybody"),
    Case("offline.trusted", store_of_everybody, Status.WARN, "bundles is writable by everybody"),
    Case("offline.trusted", store_is_a_file, Status.WARN, "can't be read"),
    Case("offline.whole", file_missing, Status.WARN, "is not whole"),
    Case("offline.whole", file_cut, Status.WARN, "bundle use FILE"),
    Case("offline.whole", summary_missing, Status.WARN, "no bundle.json that is whole"),
    Case("offline.whole", manifest_damaged, Status.WARN, "is not whole"),
    Case("offline.leftovers", killed, Status.INFO, "takes room", "bundles.sweep"),
    Case("offline.engines", older, Status.WARN, "builds another version of it"),
    Case("offline.toolchain", foreign, Status.WARN, "is for plan9-mips"),
]


@pytest.mark.parametrize("case", [*WELL, *BROKEN], ids=str)
def test_the_answer(case: Case, world: World) -> None:
    """What people are told, and the fix that is offered."""
    judge(case, world)


def test_the_fix_takes_remains_away_and_nothing_else(world: World) -> None:
    """Bundles stay, and what somebody is at; a second time there is nothing to do."""
    bundle = put(world)
    context = killed(world)
    with staging.staging(bundle.store) as busy:  # which sweeps, so killed once more
        killed(world)
        preview = do("bundles.sweep", context)
        assert busy.is_dir()

    assert preview == f"Remove {bundle.store}/.new-killed, of a bundle that was never wholly there."
    assert sorted(path.name for path in bundle.store.iterdir()) == [".lock", bundle.id]
    assert nothing("bundles.sweep", context)


def _altered(bundle: Bundle) -> Path:
    """Another content of the same size, which only reading it shows."""
    bundle.sums.write_bytes(bytes(bundle.sums.stat().st_size))
    return bundle.sums


def test_deep_reads_every_byte(world: World) -> None:
    """A bundle that was altered is told, with the file; one that is right beside it is right."""
    good, bad = put(world), put(world, "v1.1.0")
    _altered(bad)

    first, second = run_one(VERIFIED, world.context())

    assert (first.status, second.status) == (Status.ERROR, Status.OK)
    assert bad.title in first.summary
    assert first.evidence.startswith("go.sum: altered")
    assert first.remedy is not None
    assert good.title in second.summary


def test_deep_without_bundles(world: World) -> None:
    """There is nothing to read."""
    assert [one.status for one in run_one(VERIFIED, world.context())] == [Status.SKIPPED]
