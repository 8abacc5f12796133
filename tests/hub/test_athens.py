"""Modules of a site: from a real Athens, and from a folder that nobody may write to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from go_kernel import config
from go_kernel.prepare import Limits, engine_for, resolved
from go_kernel.process import run
from go_kernel.resolve import Policy
from tests.conftest import CondaPrefix
from tests.hub import athens, passable
from tests.kernels import TIMEOUT, Kernel, install, running
from tools.athens import ATHENS

MODULE, VERSION = "github.com/google/uuid", "v1.5.0"
GET = f"%get {MODULE}@{VERSION}"
USE = f'import "{MODULE}"\nuuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8").String()'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[athens.Athens]:
    """A running Athens."""
    with athens.running(tmp_path_factory.mktemp("athens")) as started:
        yield started


@pytest.fixture
def server_env(clean_env: dict[str, str], dev_cache: Path, tmp_path: Path) -> dict[str, str]:
    """What a user's server has from a Hub: its own variables, and a policy without a proxy."""
    return {
        **clean_env,
        "GOKERNEL_STORE": str(dev_cache / "engines"),
        "GOMODCACHE": str(tmp_path / "modules"),
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
        "GOKERNEL_POLICY": "GOPROXY,GOSUMDB",
        "GOSUMDB": "off",
    }


def _kernel(
    folder: Path, prefix: Path, env: dict[str, str], proxy: str
) -> AbstractContextManager[Kernel]:
    """A kernel whose modules come from `proxy`, by policy, whatever its user has set."""
    settings = {"GOPROXY": "https://another.invalid"}
    name = install(folder, environment="test", prefix=str(prefix), settings=settings)
    return running(folder, name, {**env, "GOPROXY": proxy}, folder)


def _error(kernel: Kernel, code: str) -> str:
    """What a failing cell says, once."""
    content = kernel.client.execute_interactive(code, timeout=TIMEOUT)["content"]
    assert content["status"] == "error"
    return str(content["evalue"])


def test_modules_come_through_athens(
    site: athens.Athens,
    tmp_path: Path,
    server_env: dict[str, str],
    conda_prefix: CondaPrefix,
) -> None:
    """A user without any module imports one: Athens was asked for it, and keeps it now."""
    assert not site.keeps(MODULE, VERSION)

    with _kernel(tmp_path, conda_prefix("go=1.26"), server_env, site.url) as kernel:
        kernel.run(GET)
        assert "6ba7b810-9dad" in kernel.run(USE)
        assert site.url in kernel.run('import "os"\nos.Getenv("GOPROXY")')

    assert f"/{MODULE}/@v/{VERSION}.zip" in site.asked
    assert site.keeps(MODULE, VERSION)
    kept = tmp_path / "modules/cache/download" / MODULE / "@v"
    assert (kept / f"{VERSION}.zip").is_file()


def test_a_module_that_athens_cannot_get_is_said_so(
    site: athens.Athens,
    tmp_path: Path,
    server_env: dict[str, str],
    conda_prefix: CondaPrefix,
) -> None:
    """The sentence names the one who hasn't got it: the site's proxy, and nobody behind it."""
    with _kernel(tmp_path, conda_prefix("go=1.26"), server_env, site.url) as kernel:
        text = _error(kernel, 'import "example.invalid/nothing"')

    assert f"{site.url}/example.invalid/nothing" in text
    assert "404" in text


def test_a_stopped_athens_is_explained_once(
    tmp_path: Path, server_env: dict[str, str], conda_prefix: CondaPrefix
) -> None:
    """One explanation that names the address and what to do; the kernel goes on."""
    with athens.running(tmp_path / "stopped") as stopped:
        address = stopped.url

    with _kernel(tmp_path, conda_prefix("go=1.26"), server_env, address) as kernel:
        text = _error(kernel, USE)
        assert "42" in kernel.run("6 * 7")

    assert text.count("refuses connections") == 1
    assert address.removeprefix("http://") in text
    assert "Check that the server runs" in text


_AS_USER = f"""
import json, sys
from pathlib import Path
from tests.kernels import install, running
prefix, folder = sys.argv[1:]
env, folder = json.load(sys.stdin), Path(folder)
name = install(folder, environment="test", prefix=prefix)
with running(folder, name, env, folder) as kernel:
    kernel.run({GET!r})
    print(kernel.run({USE!r}))
"""


@pytest.fixture
def modules(tmp_path: Path, clean_env: dict[str, str], site: athens.Athens) -> Path:
    """A module cache's downloads, of the administrator, closed against writing."""
    go = f"{ATHENS.goroot()}/bin/go"
    cache = tmp_path / "shared"
    env = {**clean_env, "GOPROXY": site.url, "GOSUMDB": "off", "GOMODCACHE": str(cache)}
    run([go, "mod", "download", f"{MODULE}@{VERSION}"], env=env, timeout=300, cwd=tmp_path)
    folder = tmp_path / "site-modules"
    shutil.move(cache / "cache" / "download", folder)
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    folder.chmod(0o555)
    return folder


def _site_store(folder: Path, prefix: Path, env: Mapping[str, str]) -> Path:
    """A site's store with the engine of that environment in it."""
    settings = config.parse({"environment": "test", "prefix": str(prefix)})
    limits = Limits(build=TIMEOUT)
    found = resolved(settings, env, limits=limits, policy=Policy())
    engine = engine_for(settings, found, env, limits=limits)
    shutil.copytree(engine.folder, folder / engine.key)
    return folder


def test_a_folder_serves_modules_that_its_readers_cannot_change(
    modules: Path,
    tmp_path: Path,
    server_env: dict[str, str],
    conda_prefix: CondaPrefix,
) -> None:
    """The folder belongs to the administrator; the kernel is somebody else's where that can be."""
    prefix = conda_prefix("go=1.26")
    home = tmp_path / "ada"
    home.mkdir()
    site_store = _site_store(tmp_path / "engines", prefix, server_env)
    env = {
        **server_env,
        "GOKERNEL_SITE_STORES": str(site_store),
        "HOME": str(home),
        "GOPROXY": f"file://{modules}",
        "GOMODCACHE": str(home / "modules"),
        "GOCACHE": str(home / "build"),
        "GOKERNEL_STORE": str(home / "engines"),
        "PYTHONPATH": str(passable.ROOT),
        "TMPDIR": str(home),
    }
    before = sorted((path, path.stat().st_mtime_ns) for path in modules.rglob("*"))
    argv: list[str] = [sys.executable, "-c", _AS_USER, str(prefix), str(home)]
    if not passable.refusal():
        os.chown(home, passable.NOBODY, passable.NOBODY)
        needs = (modules, prefix, home, site_store)
        argv = passable.command(argv, uid=passable.NOBODY, needs=needs)

    process = subprocess.run(
        argv,
        env=env,
        input=json.dumps(env),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=home,
    )

    assert "6ba7b810-9dad" in process.stdout, process.stderr
    assert sorted((path, path.stat().st_mtime_ns) for path in modules.rglob("*")) == before
