"""Engines that are built of bundles alone, or can't be."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from go_kernel import prepare
from go_kernel.cache import Cache
from go_kernel.config import KernelConfig
from go_kernel.engines import catalogue
from go_kernel.engines.errors import BuildFailed
from go_kernel.engines.fetch import fetch
from go_kernel.engines.job import Job, build_variables
from go_kernel.prepare import Limits
from go_kernel.resolve import Policy, resolve
from tests.offline.shelves import Shelf

ENGINE = catalogue.get("gophernotes")
CREATE = "jupyter gokernel bundle create --engine gophernotes -o FILE"


@pytest.fixture
def env(clean_env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A machine with nothing in its module cache, and no bundles yet."""
    own = {"GOMODCACHE": str(tmp_path / "mod"), "GOKERNEL_STORE": str(tmp_path / "store")}
    flags = {"GOKERNEL_SITE_STORES": "", "GOPROXY": "http://127.0.0.1:9,direct"}
    return {**clean_env, **Shelf(tmp_path / "bundles").env, **own, **flags}


@pytest.fixture
def config(goroot: Callable[[str], Path]) -> KernelConfig:
    """A kernel that fetches nothing."""
    # So that the test's folder can be removed.
    settings = {"GOFLAGS": "-modcacherw"}
    return KernelConfig("go", goroot=str(goroot("1.26")), settings=settings, offline=True)


def pins(goroot: Path) -> dict[str, str]:
    """The modules of gophernotes, as its go.mod has them."""
    argv = [str(goroot / "bin/go"), "mod", "edit", "-json", str(ENGINE.folder / "go.mod")]
    return {
        one["Path"]: one["Version"] for one in json.loads(subprocess.check_output(argv))["Require"]
    }


def job(config: KernelConfig, env: dict[str, str], tmp_path: Path) -> Job:
    """The building of that kernel's engine, as a launch would do it."""
    found = resolve(
        config.target, env, cache=Cache(tmp_path / "cache"), policy=config.under(Policy())
    )
    chain = found.environment.toolchain
    variables = {**found.environment.as_dict(), **found.applied.variables}
    return Job(ENGINE, chain, build_variables(variables, chain), 60, lambda line: None)


def test_without_a_bundle(config: KernelConfig, env: dict[str, str]) -> None:
    """One sentence names the command for where there is a network, and the one for here."""
    limits = Limits()
    found = prepare.resolved(config, env, limits=limits, policy=Policy())

    with pytest.raises(BuildFailed) as caught:
        prepare.engine_for(config, found, env, limits=limits)

    said = str(caught.value)
    assert caught.value.kind == "offline"
    assert "none of this machine's bundles" in said
    assert CREATE in said
    assert "jupyter gokernel bundle use FILE" in said
    assert "module lookup disabled by GOPROXY=off" in caught.value.evidence
    assert not [*Path(env["GOKERNEL_STORE"]).glob(".building*")]


def test_with_a_bundle_that_lacks_one_of_its_modules(
    config: KernelConfig, env: dict[str, str], dev_cache: Path, tmp_path: Path
) -> None:
    """The evidence names the module; with all of them, all are there, and from the bundle."""
    wanted = pins(Path(config.goroot))
    shelf, modcache = Shelf(tmp_path / "bundles"), dev_cache / "gomodcache"
    first, *others = wanted
    shelf.put("most", kept={path: wanted[path] for path in others}, modcache=modcache)
    work = tmp_path / "work"
    work.mkdir()

    with pytest.raises(BuildFailed) as caught:
        fetch(job(config, env, tmp_path), ENGINE.folder, work)
    assert first in caught.value.evidence

    shelf.put("rest", kept={first: wanted[first]}, modcache=modcache)
    modules = fetch(job(config, env, tmp_path), ENGINE.folder, work)
    assert {module.path: module.version for module in modules} == wanted
    assert all(module.folder.is_relative_to(tmp_path / "mod") for module in modules)


def test_a_bundle_that_holds_something_else(
    config: KernelConfig, env: dict[str, str], tmp_path: Path
) -> None:
    """Hashes decide offline, too: it is no missing module, and is called what it is."""
    shelf = Shelf(tmp_path / "bundles")
    wanted = pins(Path(config.goroot))
    shelf.put("evil", modules={f"{path}@{version}": {} for path, version in wanted.items()})
    work = tmp_path / "work"
    work.mkdir()

    with pytest.raises(BuildFailed) as caught:
        fetch(job(config, env, tmp_path), ENGINE.folder, work)

    assert "checksum" in str(caught.value)


def test_online_the_network_is_the_reason(
    config: KernelConfig, env: dict[str, str], tmp_path: Path
) -> None:
    """Where a kernel may fetch, nobody is sent for a bundle."""
    work = tmp_path / "work"
    work.mkdir()

    with pytest.raises(BuildFailed) as caught:
        fetch(job(replace(config, offline=False), env, tmp_path), ENGINE.folder, work)

    assert "bundle" not in str(caught.value)
