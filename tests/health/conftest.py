"""What tests of health share: a world of one's own, and subjects in it as checks see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from go_kernel import installed, kernelspec
from go_kernel.config import KernelConfig
from go_kernel.digests import sha256
from go_kernel.engines import catalogue, keys
from go_kernel.engines.manifest import Manifest
from go_kernel.engines.store import Build
from go_kernel.health import subject
from go_kernel.health.context import Context, Surroundings
from go_kernel.installed import Kernel
from go_kernel.resolve import Target
from tests import prefixes
from tests.conftest import CondaPrefix


@dataclass
class World:
    """A home, a folder of kernelspecs, an engine store; all empty, all in `folder`."""

    folder: Path
    env: dict[str, str]
    conda_prefix: CondaPrefix
    goroot: Callable[[str], Path]

    @property
    def kernels(self) -> Path:
        """The one folder of kernelspecs."""
        return self.folder / "kernels"

    def prefix(self, name: str = "demo", version: str = "1.26.6") -> Path:
        """A made-up conda environment with Go."""
        return prefixes.go_prefix(self.folder / "envs" / name, version)

    def around(self, **more: Any) -> Surroundings:
        """These surroundings; `more` are fields of `Surroundings`."""
        return Surroundings(**{"env": self.env, "kernel_dirs": (self.kernels,), **more})

    def context(self, place: Path | Target | None = None, **more: Any) -> Context:
        """A prefix, a target, or (None) the machine, with the kernels installed by now."""
        return context(place, self.around(**more))

    def install(
        self, place: Path | Target, name: str = "", *, portable: bool = False, **more: Any
    ) -> Kernel:
        """Write a kernelspec for it, without an engine; `more` are fields of KernelConfig."""
        target = as_target(place)
        config = KernelConfig(
            target.name, str(target.prefix or ""), str(target.goroot or ""), **more
        )
        spec = kernelspec.spec_for(config, name=name, portable=portable)
        kernel = installed.read(kernelspec.write(spec, self.kernels, replace=True))
        assert kernel is not None
        return kernel

    def build(self, place: Path | Target, *, go_sha256: str = "") -> Build:
        """A built engine for its first kernel: the right manifest, and a program of no use."""
        context = self.context(place)
        engine, found = catalogue.get(context.config.engine), context.resolved
        go, variables = found.environment.toolchain, found.environment.as_dict()
        key = keys.build_key(engine, go, variables, found.go_hash.actual)
        folder = self.folder / "store" / key
        program = prefixes.program(folder / "bin" / engine.kernel.name)
        Manifest(
            key=key,
            engine=engine.name,
            go_version=go.version,
            goroot=str(go.goroot),
            go_sha256=go_sha256 or found.go_hash.actual,
            platform=f"{go.goos}/{go.goarch}",
            cgo=found.environment.cgo,
            flags=(),
            modules={},
            sources_digest=keys.sources_digest(engine.folder),
            executable=f"bin/{engine.kernel.name}",
            std_exports="",
            size=program.stat().st_size,
            sha256=sha256(program),
            built_at="2026-01-01T00:00:00+00:00",
            seconds=1.0,
            made_by="a test",
        ).write(folder)
        [build] = [one for one in context.around.stores.builds() if one.key == key]
        return build


def as_target(place: Path | Target) -> Target:
    """A prefix as a target."""
    return place if isinstance(place, Target) else Target(place.name, prefix=place)


def context(place: Path | Target | None, around: Surroundings) -> Context:
    """The subject at `place` in these surroundings, the machine for None."""
    kernels = installed.find(around.kernel_dirs)
    if place is None:
        return Context(subject.machine(kernels), around)
    return Context(subject.of(as_target(place), kernels), around)


@pytest.fixture
def world(
    clean_env: dict[str, str],
    tmp_path: Path,
    conda_prefix: CondaPrefix,
    goroot: Callable[[str], Path],
) -> World:
    """`world.context(prefix)` is what a check takes."""
    (tmp_path / "kernels").mkdir()
    store = {"GOKERNEL_STORE": str(tmp_path / "store"), "GOKERNEL_SITE_STORES": ""}
    return World(tmp_path, {**clean_env, **store}, conda_prefix, goroot)
