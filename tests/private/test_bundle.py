"""A bundle of private modules: made with credentials, used without any, holding none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.kernels import running
from tests.private import host, leaks
from tests.private.conftest import PROXIED, SECRET, TOOLS, World

MODULES = (TOOLS, SECRET, PROXIED)
BUNDLE = "team.gokernel.tar.zst"


@pytest.fixture(scope="module")
def bundle(world: World) -> Path:
    """An archive with all private modules."""
    words = [word for module in MODULES for word in ("--module", module)]
    chosen = ("--engine", "none", "--env", world.prefix)
    done = world.cli("bundle", "create", *words, *chosen, "-o", BUNDLE)
    assert done.returncode == 0, done.stderr
    assert not leaks.in_text(done.stdout, done.stderr)
    return world.folder / BUNDLE


def test_a_bundle_holds_them_and_no_credential(bundle: Path, tmp_path: Path) -> None:
    """Sought in every file, unpacked; nor where the repositories are."""
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(bundle, alone)
    assert leaks.in_folder(alone) == []
    packed = [name for name, _ in leaks.pieces(BUNDLE, bundle.read_bytes())]
    for module in MODULES:
        assert any(name.endswith(f"proxy/{module}/@v/v1.1.0.zip") for name in packed), packed
    for _, content in leaks.pieces(BUNDLE, bundle.read_bytes()):
        assert b"Origin" not in content


def test_making_it_leaves_no_credential(bundle: Path, world: World) -> None:
    """Of all that the command wrote, caches included."""
    assert set(leaks.in_folder(world.folder)) == {
        str(world.folder / "home/.netrc"),
        str(world.folder / "config/jupyter_config.json"),
    }


def test_a_refusal_is_told_without_credentials(bundle: Path, world: World) -> None:
    """A token that the proxy doesn't take, and a repository that git may not read."""
    config = json.loads((world.folder / "config/jupyter_config.json").read_text())
    policy = config["GoKernelProvisioner"]["policy"]
    policy["GOPROXY"] = policy["GOPROXY"].replace(host.TOKEN, f"{host.TOKEN}x")
    other = world.folder / "refused"
    (other / "home").mkdir(parents=True)
    (other / "jupyter_config.json").write_text(json.dumps(config))
    env = {"JUPYTER_CONFIG_DIR": str(other), "GOMODCACHE": str(other / "modules")}
    chosen = ("--engine", "none", "--env", world.prefix, "-o", "refused.zst")
    for module, home, said in (
        (PROXIED, world.env["HOME"], "127.0.0.1 wants a user and password (401)"),
        (SECRET, str(other / "home"), "401"),
    ):
        done = world.cli("bundle", "create", "--module", module, *chosen, **env, HOME=home)
        assert done.returncode == 1
        assert said in " ".join(done.stderr.split())
        assert not leaks.in_text(done.stdout, done.stderr)
        assert not (world.folder / "refused.zst").exists()
    report = world.cli("doctor", "--env", world.prefix, "--deep", "--report", **env)
    assert "wants a user and password (401)" in report.stdout
    assert not leaks.in_text(report.stdout, report.stderr)
    shutil.rmtree(other)


def test_who_has_no_credentials_imports_them_from_the_bundle(
    bundle: Path, world: World, tmp_path: Path
) -> None:
    """Another person's kernel, offline, with an empty home: no host is asked."""
    kept = ("PATH", "LANG", "PYTHONPATH", "GOCACHE", "GOKERNEL_SITE_STORES")
    for name in ("home", "data/kernels"):
        (tmp_path / name).mkdir(parents=True)
    env = {
        **{name: world.env[name] for name in kept},
        "HOME": str(tmp_path / "home"),
        "GOKERNEL_STORE": str(tmp_path / "engines"),
        "GOKERNEL_BUNDLES": str(tmp_path / "bundles"),
        "GOKERNEL_SITE_BUNDLES": "",
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    bob = World(tmp_path, env, world.prefix)
    for words in (
        ("bundle", "use", bundle),
        ("install", "--env", world.prefix, "--offline", "--name", "go-private"),
    ):
        done = bob.cli(*words)
        assert done.returncode == 0, done.stderr
    with running(tmp_path / "data", "go-private", env, tmp_path) as kernel:
        kernel.run("import (\n" + "\n".join(f'\t"{module}"' for module in MODULES) + "\n)")
        said = kernel.run('tools.Say() + ", " + secret.Say() + ", " + lib.Say()')
    assert said == "tools of the team, the team's secret, from the proxy"
