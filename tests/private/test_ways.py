"""Every way in which a site hands out credentials for modules, tried with what a kernel gets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import resolve
from go_kernel.process import Completed, run
from go_kernel.resolve import Policy, Target
from tests import prefixes
from tests.private import host, leaks
from tests.private.conftest import PROXIED, SECRET, TOOLS, git_variables

Download = Callable[..., Completed]


@pytest.fixture
def download(
    private_env: dict[str, str], goroot: Callable[[str], Path], tmp_path: Path
) -> Download:
    """`download(module, policy, NAME=value)`: `go mod download` with a kernel's variables."""

    def get(module: str, policy: dict[str, str], version: str = "1.26", **more: str) -> Completed:
        resolved = resolve.resolve(
            Target("go", goroot=goroot(version)),
            {**private_env, **more},
            cache=prefixes.cache(tmp_path),
            policy=Policy(site=policy),
        )
        env = resolved.environment.as_dict()
        argv = [resolved.environment.toolchain.go, "mod", "download", f"{module}@latest"]
        return run(argv, env=env, timeout=120, cwd=tmp_path, check=False)

    return get


def _header() -> str:
    """What git sends where a setting says so."""
    return f"Authorization: Basic {leaks.basic()}"


def test_git_by_a_rule_in_the_home(download: Download, site: host.Site, tmp_path: Path) -> None:
    """~/.gitconfig rewrites the address and holds the password; GOPRIVATE is the site's."""
    (tmp_path / "home/.gitconfig").write_text(
        f'[url "https://{site.userinfo}@{site.address}/git/"]\n'
        f"\tinsteadOf = https://{host.GIT_HOST}/\n"
    )
    done = download(TOOLS, {"GOPRIVATE": host.GIT_HOST})
    assert done.returncode == 0, done.stderr
    assert not leaks.in_text(done.stdout, done.stderr)


@pytest.mark.parametrize("by", ["address", "header"])
def test_git_by_a_rule_in_the_policy(download: Download, site: host.Site, by: str) -> None:
    """The administrator's variables hold rule and password; there is no file at all."""
    settings = [(f"url.https://{site.address}/git/.insteadOf", f"https://{host.GIT_HOST}/")]
    if by == "address":
        key = f"url.https://{site.userinfo}@{site.address}/git/.insteadOf"
        settings = [(key, f"https://{host.GIT_HOST}/")]
    else:
        settings.append((f"http.https://{site.address}/.extraHeader", _header()))
    done = download(TOOLS, {"GOPRIVATE": host.GIT_HOST, **git_variables(settings)})
    assert done.returncode == 0, done.stderr


def test_git_where_the_host_is_asked(download: Download, site: host.Site, tmp_path: Path) -> None:
    """Go asks the host where the repository is, with a password, and git goes there: ~/.netrc."""
    site.netrc(tmp_path / "home/.netrc")
    done = download(SECRET, {"GOPRIVATE": host.GIT_HOST}, HTTPS_PROXY=site.way_out)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("version", ["1.22", "1.26"])
def test_a_proxy_by_netrc(
    download: Download, site: host.Site, tmp_path: Path, version: str
) -> None:
    """A file anywhere, named by the user or the site; also by a Go that knows no GOAUTH."""
    netrc = str(site.netrc(tmp_path / "credentials"))
    policy = {"GOPROXY": site.proxy(), "GONOSUMDB": PROXIED}
    assert download(PROXIED, policy, version, NETRC=netrc).returncode == 0
    (tmp_path / "home/.netrc").touch()
    refused = download(PROXIED, {**policy, "GOMODCACHE": str(tmp_path / "other")}, version)
    assert "401 Unauthorized" in refused.stderr
    given = {**policy, "NETRC": netrc, "GOMODCACHE": str(tmp_path / "third")}
    assert download(PROXIED, given, version).returncode == 0


@pytest.mark.parametrize("kind", ["netrc", "command", "git"])
def test_a_proxy_by_goauth(download: Download, site: host.Site, tmp_path: Path, kind: str) -> None:
    """GOAUTH by policy, each kind of it; what a user's shell says of it is not taken."""
    answer = f"https://{site.address}\\n\\nAuthorization: Basic {leaks.basic()}\\n\\n"
    program = prefixes.program(tmp_path / "helper.sh", f"#!/bin/sh\nprintf '{answer}'\n")
    site.netrc(tmp_path / "home/.netrc")
    if kind != "netrc":
        (tmp_path / "home/.netrc").unlink()
    (tmp_path / "home/.gitconfig").write_text(
        "[credential]\n\thelper = "
        f"\"!f() {{ echo username={host.USER}; echo 'password={host.PASSWORD}'; }}; f\"\n"
    )
    said = {"netrc": "netrc", "command": str(program), "git": f"git {tmp_path / 'home'}"}[kind]
    policy = {"GOPROXY": site.proxy(), "GONOSUMDB": PROXIED, "GOAUTH": said}
    done = download(PROXIED, policy, GOAUTH="off")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["password", "token"])
def test_a_proxy_by_its_address(download: Download, site: host.Site, kind: str) -> None:
    """User and password, or a token where the user stands."""
    userinfo = site.userinfo if kind == "password" else host.TOKEN
    done = download(PROXIED, {"GOPROXY": site.proxy(userinfo), "GONOSUMDB": PROXIED})
    assert done.returncode == 0, done.stderr
