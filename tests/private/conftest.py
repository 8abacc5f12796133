"""What tests of private modules share: the site's hosts, and what is published there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import ready
from tests.conftest import CondaPrefix
from tests.engines.proxy import Proxy
from tests.health.loopback import go
from tests.private import host, leaks

REPOSITORY = Path(__file__).parents[2]

# A path that says itself that it is a repository: Go asks nobody where it is.
TOOLS = f"{host.GIT_HOST}/team/tools.git"
# One that Go has to ask the host for.
SECRET = f"{host.GIT_HOST}/team/secret"
# One that only the private proxy has.
PROXIED = "example.private.invalid/lib"


def package(name: str, text: str) -> dict[str, str]:
    """The files of a package whose `Say` gives `text`."""
    return {"a.go": f'package {name}\n\nfunc Say() string {{ return "{text}" }}\n'}


@pytest.fixture(scope="session")
def certificate(
    goroot: Callable[[str], Path], dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with a certificate for all names of the site."""
    folder, root = tmp_path_factory.mktemp("certificate"), goroot("1.26")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "GOTOOLCHAIN": "local", "GOFLAGS": ""}
    env["GOCACHE"] = str(dev_cache / "gocache")
    hosts = f"127.0.0.1,{host.GIT_HOST},{host.MODULES_HOST}"
    program = root / "src/crypto/tls/generate_cert.go"
    go(root, ["run", program, "--host", hosts, "--ecdsa-curve", "P256", "--ca"], env, folder)
    return folder


@pytest.fixture(scope="session")
def site(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[host.Site]:
    """Two repositories and a proxy's module, each with v1.0.0 and v1.1.0."""
    with host.served(tmp_path_factory.mktemp("site"), certificate) as made:
        made.repository("team/tools.git", TOOLS, package("tools", "tools of the team"), *VERSIONS)
        made.repository("team/secret", SECRET, package("secret", "the team's secret"), *VERSIONS)
        for version in VERSIONS:
            Proxy(made.modules).publish(PROXIED, version, package("lib", "from the proxy"))
        yield made


VERSIONS = ("v1.0.0", "v1.1.0")


@pytest.fixture
def private_env(clean_env: dict[str, str], site: host.Site, tmp_path: Path) -> dict[str, str]:
    """A person's variables at that site: its certificate trusted, no credentials anywhere."""
    kept = {name: clean_env[name] for name in ("PATH", "HOME", "LANG", "GOCACHE")}
    return {
        **kept,
        **site.trust,
        "GOMODCACHE": str(tmp_path / "modcache"),
        "GOPATH": str(tmp_path / "go"),
        "GOPROXY": "off",
        "GOFLAGS": "-modcacherw",
    }


def git_variables(settings: list[tuple[str, str]]) -> dict[str, str]:
    """Settings of git as variables."""
    made = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        made |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return made


@dataclass
class World:
    """A person's folder with everything that is theirs, and the prefix of their kernel."""

    folder: Path
    env: dict[str, str]
    prefix: Path

    def cli(self, *words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """A `jupyter gokernel` command of theirs."""
        env = {**self.env, **more}
        argv = [sys.executable, "-m", "go_kernel.cli.main", *map(str, words)]
        return subprocess.run(
            argv, env=env, cwd=self.folder, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="module")
def world(
    site: host.Site,
    dev_cache: Path,
    conda_prefix: CondaPrefix,
    tmp_path_factory: pytest.TempPathFactory,
) -> World:
    """All ways at once: a token in GOPROXY, git's rule and header as policy, ~/.netrc.

    Engines come from a site's store; everything else is written below one folder.
    """
    folder = tmp_path_factory.mktemp("ada")
    for name in ("home", "config"):
        (folder / name).mkdir()
    site.netrc(folder / "home/.netrc")
    prefix = conda_prefix("go=1.26")
    policy = {
        "GOPROXY": site.proxy(host.TOKEN),
        "GOPRIVATE": host.GIT_HOST,
        # Once it is set, what GOPRIVATE names no longer belongs to it by itself.
        "GONOSUMDB": f"{host.GIT_HOST},{PROXIED}",
        **git_variables(
            [
                (f"url.https://{site.address}/git/team/tools.insteadOf", f"https://{TOOLS[:-4]}"),
                (
                    f"http.https://{site.address}/.extraHeader",
                    f"Authorization: Basic {leaks.basic()}",
                ),
            ]
        ),
    }
    (folder / "config/jupyter_config.json").write_text(
        json.dumps({"GoKernelProvisioner": {"policy": policy}})
    )
    env = {
        **site.trust,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder / "home"),
        "PYTHONPATH": str(REPOSITORY),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOMODCACHE": str(folder / "modules"),
        "GOFLAGS": "-modcacherw",
        "GOKERNEL_STORE": str(folder / "engines"),
        "GOKERNEL_SITE_STORES": str(ready.engine(prefix, dev_cache)),
        "HTTPS_PROXY": site.way_out,
        "NO_PROXY": "127.0.0.1",
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    return World(folder, env, prefix)
