"""What tests of engines share: toolchains, builds, a tiny engine, and kernels to talk to."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from go_kernel import digests, toolchain
from go_kernel.engines import build, catalogue, plugins
from go_kernel.engines.catalogue import Engine, Program
from go_kernel.engines.fetch import Module, hash_of
from go_kernel.engines.store import Build, Stores
from go_kernel.toolchain import Toolchain
from tests.engines.proxy import LIB, Proxy, saying
from tests.kernels import Kernel, started

PROXY_VARIABLES = ("GOPROXY", "HTTP_PROXY", "HTTPS_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(scope="session")
def toolchain_of(goroot: Callable[[str], Path]) -> Callable[[str], Toolchain]:
    """`toolchain_of("1.26")`: a real toolchain."""
    return lambda version: toolchain.at_goroot(goroot(version))


@pytest.fixture(scope="session")
def kernel_variables(
    dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., dict[str, str]]:
    """`kernel_variables(toolchain, NAME=value)`: a kernel's environment, as resolved."""
    home = tmp_path_factory.mktemp("home")

    def get(chain: Toolchain, **more: str) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in PROXY_VARIABLES if name in os.environ},
            "PATH": f"{chain.go.parent}:/usr/bin:/bin",
            "HOME": str(home),
            "GOROOT": str(chain.goroot),
            "GOPATH": str(home / "go"),
            "GOMODCACHE": str(dev_cache / "gomodcache"),
            "GOCACHE": str(dev_cache / "gocache"),
            "GOENV": "off",
            "GOTOOLCHAIN": "local",
            "GOSUMDB": "off",
            # What is left of conda-forge's "-modcacherw -buildmode=pie -trimpath".
            "GOFLAGS": "-modcacherw -trimpath",
            "CGO_ENABLED": "1",
            **more,
        }

    return get


@pytest.fixture(scope="session")
def built(
    toolchain_of: Callable[[str], Toolchain],
    kernel_variables: Callable[..., dict[str, str]],
    dev_cache: Path,
) -> Callable[..., Build]:
    """`built("1.26", cgo="1", engine="gonb")`: an engine, built by that Go; kept between runs."""
    stores = Stores((), dev_cache / "engines")
    young = {made.key for made in stores.builds() if _is_young(made)}
    stores.prune(young)
    plugins.prune(plugins.unused(stores, young))

    def get(version: str, cgo: str = "1", engine: str = "gophernotes") -> Build:
        chain = toolchain_of(version)
        return build.ensure(
            catalogue.get(engine),
            chain,
            kernel_variables(chain, CGO_ENABLED=cgo),
            go_hash=digests.sha256(chain.go),
            stores=stores,
            timeout=600,
        )

    return get


def _is_young(made: Build) -> bool:
    """Each edit of a mend makes builds that nobody will ask for again: a week is enough."""
    age = datetime.now(timezone.utc) - datetime.fromisoformat(made.manifest.built_at)
    return age < timedelta(days=7)


StartKernel = Callable[..., AbstractContextManager[Kernel]]
StartSharedKernel = StartKernel


@pytest.fixture(scope="session")
def start_shared(
    built: Callable[..., Build],
    toolchain_of: Callable[[str], Toolchain],
    kernel_variables: Callable[..., dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> StartSharedKernel:
    """As `start`, for fixtures that live longer than a test; `traits` are the manager's."""

    @contextmanager
    def running(
        version: str,
        *,
        cgo: str = "1",
        folder: str = "",
        traits: Mapping[str, Any] = MappingProxyType({}),
        **more: str,
    ) -> Iterator[Kernel]:
        place = Path(folder) if folder else tmp_path_factory.mktemp("kernel")
        chain = toolchain_of(version)
        engine = built(version, cgo)
        env = {
            **kernel_variables(chain, CGO_ENABLED=cgo),
            **engine.variables,
            "GOKERNEL_GO": str(chain.go),
            "TMPDIR": str(place),
            **more,
        }
        with run_kernel(engine.argv("{connection_file}"), env, place, traits) as kernel:
            yield kernel

    return running


@pytest.fixture
def start(start_shared: StartSharedKernel, tmp_path: Path) -> StartKernel:
    """`with start("1.26", NAME=value) as kernel`: a running gophernotes, no provisioner."""

    @contextmanager
    def running(version: str, **more: Any) -> Iterator[Kernel]:
        with start_shared(version, folder=str(tmp_path), **more) as kernel:
            yield kernel

    return running


@contextmanager
def run_kernel(
    argv: list[str],
    env: Mapping[str, str],
    cwd: Path,
    traits: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[Kernel]:
    """A kernel of this command line, with a client that is ready; killed at the end."""
    manager = KernelManager(**traits)
    manager._kernel_spec = KernelSpec(argv=argv, display_name="Go", language="go")
    with started(manager, env, cwd) as kernel:
        yield kernel


@pytest.fixture(scope="module")
def shared_kernel(start_shared: StartSharedKernel) -> Iterator[Kernel]:
    """A running gophernotes for all tests of a file: none of them may kill it."""
    with start_shared("1.26") as kernel:
        yield kernel


TINY_MAIN = """\
package main

import (
	"flag"
	"fmt"
	"os"

	"example.test/lib"
)

func main() {
	check := flag.Bool("check", false, "")
	flag.Parse()
	if *check {
		os.Exit(0)
	}
	fmt.Println(lib.Greeting, "unmended")
}
"""

TINY_EDITS = """\
[[edit]]
file = "tiny/main.go"
why = "To see that mends are made."
find = '"unmended"'
replace = 'mark'
"""

ADDED = 'package main\n\nconst mark = "mended"\n'


@dataclass(frozen=True)
class Tiny:
    """An engine that builds in a second, and the variables to build it with."""

    engine: Engine
    chain: Toolchain
    variables: Mapping[str, str]

    def ensure(self, stores: Stores, *, timeout: float = 120, **more: Any) -> Build:
        """Find or build it."""
        return build.ensure(
            self.engine,
            self.chain,
            self.variables,
            go_hash="0" * 64,
            stores=stores,
            timeout=timeout,
            **more,
        )

    def with_variables(self, **more: str) -> Tiny:
        """The same, built under other variables."""
        return replace(self, variables={**self.variables, **more})


@pytest.fixture(scope="session")
def tiny_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a module proxy (`proxy/`) and the engine's own folder (`tiny/`)."""
    base = tmp_path_factory.mktemp("tiny")
    sums = [
        *_publish(base, "example.test/tiny", {"main.go": TINY_MAIN, "LICENSE": "tiny's licence"}),
        *_publish(
            base,
            "example.test/lib",
            {"lib.go": 'package lib\n\nconst Greeting = "hello"\n', "LICENSE.md": "lib's licence"},
        ),
    ]
    folder = base / "tiny"
    added = folder / "mends" / "files" / "tiny"
    added.mkdir(parents=True)
    (added / "mark.go").write_text(ADDED)
    (folder / "mends/edits").mkdir()
    (folder / "mends/edits/tiny.toml").write_text(TINY_EDITS)
    (folder / "go.mod").write_text(
        "module tiny\n\ngo 1.22\n\nrequire (\n"
        "\texample.test/lib v0.1.0\n\texample.test/tiny v0.1.0\n)\n"
    )
    (folder / "go.sum").write_text("\n".join([*sums, ""]))
    return base


def _publish(base: Path, path: str, files: Mapping[str, str]) -> list[str]:
    """Put version v0.1.0 of a module into the proxy; its lines for go.sum."""
    version = "v0.1.0"
    versions = base / "proxy" / path / "@v"
    versions.mkdir(parents=True)
    go_mod = f"module {path}\n\ngo 1.22\n"
    source = base / "sources" / path
    source.mkdir(parents=True)
    for name, content in {**files, "go.mod": go_mod}.items():
        (source / name).write_text(content)
    (versions / "list").write_text(f"{version}\n")
    (versions / f"{version}.info").write_text(f'{{"Version": "{version}"}}')
    (versions / f"{version}.mod").write_text(go_mod)
    with zipfile.ZipFile(versions / f"{version}.zip", "w") as archive:
        for name in {**files, "go.mod": ""}:
            archive.write(source / name, f"{path}@{version}/{name}")
    return [f"{path} {version} {hash_of(Module(path, version, source, ''))}"]


@pytest.fixture
def tiny(
    tiny_source: Path,
    toolchain_of: Callable[[str], Toolchain],
    kernel_variables: Callable[..., dict[str, str]],
    tmp_path: Path,
) -> Tiny:
    """A tiny engine with a folder and a module cache of its own, from a file:// proxy."""
    folder = shutil.copytree(tiny_source / "tiny", tmp_path / "tiny")
    engine = Engine(
        name="tiny",
        display_name="tiny",
        folder=folder,
        programs=(Program("example.test/tiny", "tiny", ("-check",)),),
        mended={"tiny": "example.test/tiny"},
        minimum_go=(1, 22),
    )
    chain = toolchain_of("1.26")
    variables = kernel_variables(
        chain,
        GOPROXY=f"file://{tiny_source / 'proxy'}",
        GOMODCACHE=str(tmp_path / "gomodcache"),
        CGO_ENABLED="0",
    )
    return Tiny(engine, chain, variables)


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    """An empty store, and no site stores."""
    return Stores((), tmp_path / "store")


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    """A proxy with versions v0.1.0 and v0.2.0 of a module, whose `Text` is `one` and `two`."""
    made = Proxy(tmp_path / "proxy")
    made.publish(LIB, "v0.1.0", saying("one"))
    made.publish(LIB, "v0.2.0", saying("two"))
    return made


@pytest.fixture
def proxied(proxy: Proxy, tmp_path: Path) -> dict[str, str]:
    """Variables of a kernel with that proxy, and a module cache and plugin store of its own."""
    return {
        "GOPROXY": proxy.url,
        "GOMODCACHE": str(tmp_path / "modcache"),
        "GOFLAGS": "-modcacherw -trimpath",
        "GOKERNEL_PLUGINS": str(tmp_path / "store" / "x"),
    }
