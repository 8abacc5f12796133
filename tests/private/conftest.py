"""What tests of private modules share: the site's hosts, and what is published there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.proxy import Proxy
from tests.health.loopback import go
from tests.private import host

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
