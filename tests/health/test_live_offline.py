"""Checks of kernels that fetch nothing: they ask nobody, and import what a bundle holds."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from go_kernel.findings import Finding, Status
from go_kernel.health import runner
from go_kernel.health.check import Check
from go_kernel.health.context import Context
from go_kernel.health.live import bundled, imports, kernel_answers, proxies, sums
from go_kernel.health.live.trial import SAMPLE, SAMPLE_VERSION
from go_kernel.offline.store import Bundle, BundleStores, bundles
from go_kernel.resolve import Policy, Target
from tests.engines.proxy import LIB, Proxy, saying
from tests.health.conftest import World
from tests.offline.shelves import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A store without bundles."""
    return Shelf(tmp_path / "bundles")


@pytest.fixture
def watched() -> Iterator[tuple[str, socket.socket]]:
    """An address, and the socket on which a call there would show."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", listening


def context(world: World, shelf: Shelf, dev_cache: Path, **more: str) -> Context:
    """A Go of 1.26 whose kernels fetch nothing, with engines that are kept between runs."""
    kept = {"GOKERNEL_STORE": str(dev_cache / "engines"), "GOMODCACHE": str(world.folder / "mod")}
    env = {**world.env, **shelf.env, **kept, "GOFLAGS": "-modcacherw", **more}
    target = Target("go", goroot=world.goroot("1.26"))
    return world.context(target, env=env, policy=Policy(offline=True))


def only(check: Check, about: Context) -> Finding:
    """What one check says."""
    [finding] = runner.run([check], [about])
    return finding


def test_nobody_is_asked(
    world: World, shelf: Shelf, dev_cache: Path, watched: tuple[str, socket.socket]
) -> None:
    """Neither proxies nor the checksum database, and it is said why."""
    address, listening = watched
    about = context(world, shelf, dev_cache, GOPROXY=address, GOSUMDB=f"sums.invalid {address}")

    for check in (proxies.REACHABLE, sums.REACHABLE, imports.THIRD_PARTY, imports.OFFLINE):
        finding = only(check, about)
        assert finding.status is Status.SKIPPED
        assert "(offline)" in finding.summary, finding

    with pytest.raises(BlockingIOError):
        listening.accept()


def test_a_module_of_a_bundle_proves_imports(
    world: World, shelf: Shelf, dev_cache: Path, watched: tuple[str, socket.socket]
) -> None:
    """In both engines, whose notebooks ask nobody else."""
    address, listening = watched
    world.install(Target("go", goroot=world.goroot("1.26")), "go-a")
    world.install(Target("go", goroot=world.goroot("1.26")), "gonb-a", engine="gonb")
    shelf.put("course", modules={f"{LIB}@v1.2.0": saying("bundled")})
    about = context(world, shelf, dev_cache, GOPROXY=f"{address},direct", GOPRIVATE="*")

    findings = runner.run([kernel_answers.ANSWERS, imports.THIRD_PARTY, imports.OFFLINE], [about])

    said = [(one.id, one.kernel, one.status) for one in findings]
    assert said == [
        ("kernel.answers", "go-a", Status.OK),
        ("kernel.answers", "gonb-a", Status.OK),
        ("import.third-party", "go-a", Status.OK),
        ("import.third-party", "gonb-a", Status.OK),
        ("import.offline", "go-a", Status.SKIPPED),
        ("import.offline", "gonb-a", Status.SKIPPED),
    ], findings
    assert f"{LIB}@v1.2.0 of the bundle course is imported" in findings[2].summary
    assert "without a network (offline)" in findings[2].summary
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_one_that_is_not_offline_has_its_proxies_checked(world: World, shelf: Shelf) -> None:
    """A bundle in front says nothing about the proxies behind it."""
    shelf.put("course", modules={f"{SAMPLE}@{SAMPLE_VERSION}": {"uuid.go": "package uuid\n"}})
    env = {**world.env, **shelf.env, "GOPROXY": "http://127.0.0.1:9"}
    about = world.context(Target("go", goroot=world.goroot("1.26")), env=env)

    finding = only(proxies.REACHABLE, about)

    assert finding.status is Status.WARN
    assert "Modules can't be fetched from http://127.0.0.1:9" in finding.summary
    assert "file://" not in finding.evidence


def used(shelf: Shelf) -> tuple[Bundle, ...]:
    """The bundles on a shelf."""
    return bundles(BundleStores.from_environment(shelf.env)).bundles


def test_programs_tests_and_what_is_internal_cannot_be_imported(shelf: Shelf) -> None:
    """A bundle of nothing else has no package to try."""
    shelf.put(modules={"example.test/tool@v1.0.0": {"main.go": "package main\n"}})
    hidden = {
        "a_test.go": "package a\n",
        "internal/x/x.go": "package x\n",
        "c/c.go": 'package c\n\nimport "C"\n',
        "cmd/y/y.go": "package y\n",
        ".z/z.go": "package z\n",
        "old/old.go": "//go:build ignore\n\npackage old\n",
    }
    shelf.put(modules={"example.test/hidden@v1.0.0": hidden})

    assert bundled.sample(used(shelf)) is None


def test_what_was_asked_for_comes_first(shelf: Shelf) -> None:
    """Then small modules that need nothing, their packages wherever they are."""
    shelf.put("small", modules={"example.test/Sub@v1.0.0": {"a/b/b.go": "package b\n"}})
    found = bundled.sample(used(shelf))
    assert found == bundled.Sample("example.test/Sub/a/b", "example.test/Sub", "v1.0.0", "small")

    extra = {"lib.go": "package lib\n" + "// long\n" * 9000}
    shelf.put("extra", modules={f"{LIB}/v2@v2.0.0": extra}, extras=(f"{LIB}/v2@v2.0.0",))
    found = bundled.sample(used(shelf))
    assert found == bundled.Sample(f"{LIB}/v2", f"{LIB}/v2", "v2.0.0", "extra")


@pytest.mark.parametrize("extra", ["../../../etc/passwd@v1.0.0", "x@../y", "@", "a" * 3000])
def test_a_summary_that_names_what_no_module_is_called(extra: str, shelf: Shelf) -> None:
    """It leads nowhere."""
    shelf.put("evil", extras=(extra,))

    assert bundled.sample(used(shelf)) is None


def test_a_zip_that_is_none(shelf: Shelf) -> None:
    """Verifying is another check's affair: here it is no candidate."""
    folder = shelf.put("broken", modules={f"{LIB}@v1.0.0": saying("x")})
    (folder / "proxy" / LIB / "@v" / "v1.0.0.zip").write_bytes(b"PK no zip")

    assert bundled.sample(used(shelf)) is None


def test_a_module_with_requirements_is_no_candidate_by_itself(shelf: Shelf) -> None:
    """What it needs may not be there, as for an engine's own modules."""
    folder = shelf.put("engine")
    needs = "\nrequire example.test/other v1.0.0\n"
    Proxy(folder / "proxy").publish(LIB, "v1.0.0", saying("x"), more=needs)

    assert bundled.sample(used(shelf)) is None
