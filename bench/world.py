"""What is measured on: real environments, our kernel built by their Go, and the peers.

Built things are kept in the dev cache; environments, home and kernelspecs are made anew
for each run and removed after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.peers.build import go_caches
from go_kernel import kernelspec, scratch
from go_kernel.conda.create import create_environment
from go_kernel.config import KernelConfig
from go_kernel.engines import catalogue
from go_kernel.engines.store import Build, Stores
from go_kernel.files import write_json
from go_kernel.prepare import Limits, Prepared, engine_for, prepare, resolved
from go_kernel.resolve import Policy
from tools.channel import DEFAULT, local_channel
from tools.dev_cache import dev_cache
from tools.recipes import Layout
from tools.toolchains import goroot, host_subdir

# In conda-forge's present layout, and no newer than what every peer can be built with.
_GO = next(go.version for go in DEFAULT if go.layout is Layout.B)
_PASSED = (
    *("GOPROXY", "GONOPROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "CONDA_EXE", "MAMBA_EXE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
_BUILD = Limits(build=1800)


@dataclass(frozen=True)
class World:
    """One run's environments and variables.

    `env` is what the measuring client's process is taken to hold; `prefix` is a conda
    environment with Go and a C compiler, as conda-forge makes it now.
    """

    folder: Path
    env: Mapping[str, str]
    prefix: Path
    channel: Path

    @property
    def go_version(self) -> str:
        """The version of the Go that all Go kernels are built with."""
        return _GO

    @property
    def goroot(self) -> Path:
        """The same Go outside of conda: what peers are built with."""
        return goroot(_GO, env=self.env)

    @property
    def subdir(self) -> str:
        """The platform, in conda's words."""
        return host_subdir()

    @property
    def config(self) -> KernelConfig:
        """The configuration of our kernel for `prefix`."""
        return KernelConfig(environment=self.prefix.name, prefix=str(self.prefix))

    @property
    def kernels(self) -> Path:
        """The folder of kernelspecs."""
        return self.folder / "kernels"

    def environment(self, name: str, *specs: str) -> Path:
        """A new conda environment; raises CreateError."""
        prefix = self.folder / "envs" / name
        create_environment(prefix, specs, [str(self.channel)], env=self.env)
        return prefix

    def prepared(self) -> Prepared:
        """Our kernel for `prefix` as the provisioner prepares it; builds it where missing."""
        return prepare(self.config, self.env, limits=_BUILD)

    def built(self, engine: str) -> Build:
        """An engine for `prefix`, in the store; builds it where missing."""
        config = replace(self.config, engine=engine)
        found = resolved(config, self.env, limits=_BUILD, policy=Policy())
        return engine_for(config, found, self.env, limits=_BUILD)

    def build(self) -> None:
        """Have our kernels in the store, and none of an older state of their sources."""
        keys = {self.built(engine).key for engine in catalogue.names()}
        Stores.from_environment(self.env).prune(keys)

    def add_ours(self) -> str:
        """Install our own kernelspec; its name."""
        spec = kernelspec.spec_for(self.config)
        return self.add_spec(spec.name, spec.content)

    def add_plain(self, name: str, argv: Sequence[str | Path]) -> str:
        """Install a kernelspec that has nothing but a command; its name."""
        plain = {"argv": [str(part) for part in argv], "display_name": name, "language": "go"}
        return self.add_spec(name, plain)

    def add_spec(self, name: str, content: Mapping[str, object]) -> str:
        """Install a kernelspec; its name."""
        folder = self.kernels / name
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "kernel.json", content)
        return name

    def go_variables(self) -> dict[str, str]:
        """What somebody sets by hand who starts a Go kernel without us."""
        return {
            **self.env,
            "GOROOT": str(self.goroot),
            "GOTOOLCHAIN": "local",
            "PATH": f"{self.goroot}/bin:{self.env['PATH']}",
        }


@contextmanager
def world(env: Mapping[str, str]) -> Iterator[World]:
    """Make what is measured on; it is gone afterwards, but for what the dev cache keeps."""
    cache = dev_cache(env)
    # Locked while we live, so that what a killed run left is known as such.
    own = scratch.make(cache / "bench" / "runs")
    try:
        scratch.sweep(own.folder.parent)
        folder = own.folder
        channel = local_channel(env=env)
        made = World(folder, _variables(folder, cache, env), folder / "envs" / "go", channel)
        made.environment("go", f"go={_GO}", f"go-cgo={_GO}")
        yield made
    finally:
        own.release()


def _variables(folder: Path, cache: Path, env: Mapping[str, str]) -> dict[str, str]:
    return {
        **{name: env[name] for name in _PASSED if name in env},
        **go_caches(env),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(_made(folder / "home")),
        # GoNB leaves folders there when it is killed.
        "TMPDIR": str(_made(folder / "tmp")),
        "GOSUMDB": "off",
        # Hard links need one file system.
        "RATTLER_CACHE_DIR": str(cache / "rattler"),
        "GOKERNEL_DEV_CACHE": str(cache),
        "GOKERNEL_STORE": str(cache / "bench" / "engines"),
        "GOKERNEL_SITE_STORES": "",
        "JUPYTER_RUNTIME_DIR": str(_made(folder / "runtime")),
        "IPYTHONDIR": str(_made(folder / "ipython")),
    }


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def process_env() -> Mapping[str, str]:
    """The environment of this process: the only place in `bench` that reads it."""
    return dict(os.environ)
