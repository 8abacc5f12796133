"""Real kernels with bundles, and without a way to anything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from traitlets.config import Config

from go_kernel import config, kernelspec
from go_kernel.server.kernels import environment_of
from tests.engines.proxy import LIB, saying
from tests.kernels import CellFailed, Kernel, manager, started
from tests.offline.shelves import Shelf

REPOSITORY = Path(__file__).parents[2]
TOLD = ("GOKERNEL_OFFLINE", "GOKERNEL_SUMS", "GOPROXY", "GOSUMDB", "GONOPROXY", "GOVCS")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A store with a course's bundle, in a folder of a difficult name."""
    shelf = Shelf(tmp_path / "my bundles, 100% é #1")
    shelf.put("course", modules={f"{LIB}@v1.2.0": saying("bundled")})
    return shelf


@pytest.fixture
def env(clean_env: dict[str, str], dev_cache: Path, shelf: Shelf, tmp_path: Path) -> dict[str, str]:
    """The environment of the process that starts kernels; it has a word of ours that is stale."""
    return {
        **clean_env,
        **shelf.env,
        "GOKERNEL_STORE": str(dev_cache / "engines"),
        "GOMODCACHE": str(tmp_path / "mod"),
        "GOFLAGS": "-modcacherw",
        "GOPROXY": "http://127.0.0.1:9,direct",
        "GOSUMDB": "sums.invalid+1234 http://127.0.0.1:9",
        "GOKERNEL_SUMS": "/tmp/evil",
        # For a kernel that is started by its argv alone.
        "PYTHONPATH": str(REPOSITORY),
    }


def installed(folder: Path, goroot: Path, *, portable: bool = False, **settings: object) -> str:
    """Write a kernelspec of ours; its name."""
    # So that the test's folder can be removed.
    flags = {"GOFLAGS": "-modcacherw"}
    content = {"environment": "test", "goroot": str(goroot), "settings": flags, **settings}
    spec = kernelspec.spec_for(config.parse(content), portable=portable)
    kernelspec.write(spec, folder / "kernels", replace=True)
    return spec.name


def variable(kernel: Kernel, name: str) -> str:
    """What a cell sees."""
    return kernel.run(f'import "os"\nos.Getenv("{name}")').strip().strip('"')


def sums_of(shelf: Shelf) -> str:
    """What kernels are told of the bundle's go.sum: a percent is escaped."""
    return f"{shelf.made[0]}/go.sum".replace("%", "%25")


@pytest.mark.parametrize("way", ["kernelspec", "trait", "portable", "variable"])
def test_offline_kernels_import_what_bundles_hold(
    way: str, env: dict[str, str], shelf: Shelf, goroot: Callable[[str], Path], tmp_path: Path
) -> None:
    """By provisioner and by argv alone, whoever says it; and they are told where the sums are."""
    own = {"offline": True} if way in ("kernelspec", "portable") else {}
    name = installed(tmp_path, goroot("1.26"), portable=way == "portable", **own)
    owner = manager(tmp_path, name)
    if way == "variable":
        env["GOKERNEL_OFFLINE"] = "1"
    if way == "trait":
        owner = configured(tmp_path, name, offline=True)

    with started(owner, env, tmp_path) as kernel:
        seen = {one: variable(kernel, one) for one in TOLD}
        assert "bundled" in kernel.run(f'import "{LIB}"\nlib.Say()')
        with pytest.raises(CellFailed):
            kernel.run('import "example.test/other"')

    assert seen == {
        "GOKERNEL_OFFLINE": "1",
        "GOKERNEL_SUMS": sums_of(shelf),
        "GOPROXY": f"{shelf.made[0].as_uri()}/proxy",
        "GOSUMDB": "off",
        "GONOPROXY": "none",
        "GOVCS": "*:off",
    }


def test_a_kernel_that_may_fetch_has_bundles_in_front(
    env: dict[str, str], shelf: Shelf, goroot: Callable[[str], Path], tmp_path: Path
) -> None:
    """It isn't told that it is offline, where nobody says so."""
    name = installed(tmp_path, goroot("1.26"))

    with started(manager(tmp_path, name), env, tmp_path) as kernel:
        assert variable(kernel, "GOKERNEL_OFFLINE") == ""
        assert variable(kernel, "GOKERNEL_SUMS") == sums_of(shelf)
        proxies = variable(kernel, "GOPROXY")
        assert proxies == f"{shelf.made[0].as_uri()}/proxy,{env['GOPROXY']}"
        assert variable(kernel, "GOSUMDB") == env["GOSUMDB"]
        told = environment_of(_Kernels({"1": kernel.manager}), "1")["variables"]["GOPROXY"]
        assert told["origin"] == (
            "toolchain: bundle course in front of the process that starts kernels"
        )
        assert told["overrode"][-1] == {"value": env["GOPROXY"], "origin": "parent process"}


def test_without_bundles_a_kernel_is_told_nothing(
    env: dict[str, str], goroot: Callable[[str], Path], tmp_path: Path
) -> None:
    """Not even what its parent was told."""
    env["GOKERNEL_BUNDLES"] = str(tmp_path / "none")
    name = installed(tmp_path, goroot("1.26"))

    with started(manager(tmp_path, name), env, tmp_path) as kernel:
        seen = [one.split("=")[0] for one in kernel.run('import "os"\nos.Environ()').split()]
        assert variable(kernel, "GOPROXY") == env["GOPROXY"]

    assert not {"GOKERNEL_OFFLINE", "GOKERNEL_SUMS"} & {one.strip('["') for one in seen}


class _Kernels(dict[str, KernelManager]):
    """As much of a server's kernels as the REST API looks at."""

    def get_kernel(self, id: str) -> KernelManager:
        """The manager of one."""
        return self[id]


def configured(folder: Path, name: str, **traits: object) -> KernelManager:
    """A manager whose configuration says something of our provisioner."""
    specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")])
    said = Config({"GoKernelProvisioner": traits})
    return KernelManager(kernel_name=name, kernel_spec_manager=specs, config=said)
