"""A bundle's own Go, where nobody names one."""

from __future__ import annotations

from pathlib import Path

import pytest

from go_kernel import choose
from go_kernel.offline.store import BundleStores, bundles
from tests import prefixes
from tests.offline.shelves import HERE, Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A store with one bundle that brings a Go."""
    shelf = Shelf(tmp_path / "bundles")
    shelf.put("course", goroot=prefixes.goroot(tmp_path / "made" / "go", "1.26.1"))
    return shelf


def test_it_is_taken_where_nothing_else_offers_itself(shelf: Shelf, tmp_path: Path) -> None:
    """And it is said which bundle it is of, and where it lies."""
    goroot = shelf.made[0] / "toolchain" / HERE / "go"

    for choice in (
        choose.default(shelf.env, embedded=None),
        choose.default_of_any(shelf.env, tmp_path, embedded=None),
    ):
        assert choice.target.goroot == goroot
        assert choice.target.name == "1.26.1"
        assert choice.why == (
            "No environment is active and none is embedded in Python, so the Go 1.26.1 of the "
            f"bundle course is used ({goroot})."
        )


def test_others_come_first(shelf: Shelf, tmp_path: Path) -> None:
    """The active environment, then the Go embedded in Python."""
    embedded = prefixes.goroot(tmp_path / "embedded", "1.25.1")
    prefix = prefixes.go_prefix(tmp_path / "envs" / "demo")
    active = {**shelf.env, "CONDA_PREFIX": str(prefix)}

    assert choose.default(shelf.env, embedded=embedded).target.goroot == embedded
    assert choose.default(active, embedded=embedded).target.prefix == prefix


def test_an_active_environment_without_go(shelf: Shelf, tmp_path: Path) -> None:
    """It is named, so that nobody wonders."""
    bare = prefixes.prefix(tmp_path / "envs" / "bare")

    why = choose.default({**shelf.env, "CONDA_PREFIX": str(bare)}, embedded=None).why

    assert why.startswith(f"{bare} has no Go and none is embedded in Python, so the Go 1.26.1")


def test_one_for_another_platform(tmp_path: Path) -> None:
    """It can't be run here; that there is one is said all the same."""
    shelf = Shelf(tmp_path / "bundles")
    shelf.put("mac", toolchains=(("darwin-arm64", "1.26.1"),))

    with pytest.raises(choose.NoGo) as caught:
        choose.default(shelf.env, embedded=None)

    assert f"that of a bundle is for darwin-arm64, where this is {HERE}" in caught.value.summary


def test_one_that_is_gone_or_not_trusted(shelf: Shelf) -> None:
    """Neither is offered."""
    [bundle] = bundles(BundleStores.from_environment(shelf.env)).bundles
    [(_, _, goroot)] = bundle.toolchains
    (goroot / "VERSION").unlink()
    with pytest.raises(choose.NoGo):
        choose.default(shelf.env, embedded=None)

    prefixes.goroot(goroot.resolve() / "new", "1.26.1")
    goroot.unlink()
    goroot.symlink_to(shelf.store.parent / "made" / "go" / "new")
    assert choose.default(shelf.env, embedded=None).target.name == "1.26.1"
    shelf.made[0].chmod(0o777)
    with pytest.raises(choose.NoGo):
        choose.default(shelf.env, embedded=None)


def test_its_path_can_be_named(shelf: Shelf) -> None:
    """As that of any Go outside of conda: the GOROOT, or its `go`."""
    goroot = shelf.made[0] / "toolchain" / HERE / "go"

    assert choose.go(goroot).goroot == goroot
    assert choose.go(goroot / "bin" / "go").name == "1.26.1"
