"""What tests share: real toolchains, a real conda channel, real environments.

All of it is made once and kept in the dev cache (tools/dev_cache.py); only the
environments are made anew in each session.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Protocol

import hypothesis
import pytest

from go_kernel.conda.create import create_environment
from tools import dev_cache as cache
from tools import toolchains
from tools.channel import local_channel

# A loaded machine is slow at times, which proves nothing.
# A machine that decides about a change tries the same examples each time; people's try others.
hypothesis.settings.register_profile(
    "patient", deadline=None, derandomize=bool(os.environ.get("CI"))
)
hypothesis.settings.load_profile("patient")

# Started in the background by a shell, this process and all it starts ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What a test's environment takes from the outer one: how to reach package registries.
_NETWORK = (
    *("GOPROXY", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "SSL_CERT_FILE"),
    *("SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY"),
    *("no_proxy", "http_proxy", "https_proxy"),
)


@pytest.fixture(scope="session")
def dev_cache() -> Path:
    """The folder of what is kept between runs."""
    return cache.dev_cache(os.environ)


@pytest.fixture(scope="session")
def goroot() -> Callable[[str], Path]:
    """`goroot("1.26")`: the GOROOT of the newest pinned such Go; never to be written to."""

    def get(version: str = "") -> Path:
        return toolchains.goroot(toolchains.newest(version))

    return get


@pytest.fixture(scope="session")
def channel() -> Path:
    """A conda channel with Go 1.22.10 (layout A), 1.26.6 and 1.27.3 (B), and compilers."""
    return local_channel()


class CondaPrefix(Protocol):
    """What the fixture `conda_prefix` is."""

    def __call__(self, *specs: str, name: str = "") -> Path:
        """The path of an environment holding `specs`."""


@pytest.fixture(scope="session")
def conda_prefix(
    channel: Path, dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> CondaPrefix:
    """`conda_prefix("go=1.26", "go-cgo_linux-64")`: a real environment's path.

    Without `name`: one environment for all who ask for the same packages, to look at,
    not to change.  With `name`: a new one each time, `.../envs/NAME`, to do anything to.

    Files are hard links into a package cache that outlives the session: replace a
    file, never write into it, or every other environment changes too.
    """
    base = tmp_path_factory.mktemp("conda")
    numbers = count()
    shared: dict[tuple[str, ...], Path] = {}
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(base / "home"),
        "RATTLER_CACHE_DIR": str(dev_cache / "rattler"),
    }

    def make(specs: tuple[str, ...], name: str) -> Path:
        prefix = base / str(next(numbers)) / "envs" / name
        create_environment(prefix, specs, [str(channel)], env=env)
        return prefix

    def get(*specs: str, name: str = "") -> Path:
        if name:
            return make(specs, name)
        if specs not in shared:
            shared[specs] = make(specs, "shared")
        return shared[specs]

    return get


@pytest.fixture
def clean_env(dev_cache: Path, tmp_path: Path) -> dict[str, str]:
    """A small environment of one's own: an empty HOME, system folders on PATH.

    Go's module and build caches are the dev cache's, so that nothing is built or
    downloaded twice.
    """
    home = tmp_path / "home"
    home.mkdir()
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in _NETWORK or name.startswith("PIP_")
    }
    return {
        **passed,
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GOMODCACHE": str(dev_cache / "gomodcache"),
        "GOCACHE": str(dev_cache / "gocache"),
    }
