"""What tests with a real JupyterHub share: a house with accounts, and one Hub in it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests import prefixes
from tests.engines.proxy import LIB, Proxy, saying
from tests.hub import hubs
from tests.hub.client import Api
from tests.hub.house import House, Plan, cannot, standing
from tests.hub.hubs import Hub

STORE = Path("/usr/local/share/jupyter-gokernel/engines")
POLICY = "https://modules.invalid"
PRIVATE = "*.corp.invalid"
# Of a module that only the group's proxy has.
LIB_CELLS = (f'import "{LIB}"', "lib.Text")
# alice and bob work; carol is of the group `early`; dave has an enemy; erin's choices fail.
USERS = ("alice", "bob", "carol", "dave", "erin")
_MORE = """
c.JupyterHub.load_groups = {{"early": {{"users": ["carol"]}}}}
c.GoSpawnerMixin.go_default = "go-1.26"
c.GoSpawnerMixin.goproxy = {policy!r}
c.GoSpawnerMixin.goprivate = {private!r}
c.GoSpawnerMixin.gopath = "{scratch}/{{username}}/gopath"
c.GoSpawnerMixin.gomodcache = "{scratch}/{{username}}/modules"
c.GoSpawnerMixin.gocache = "{scratch}/{{username}}/{{environment}}/build"
c.Spawner.group_overrides = {{
    "early": {{
        "groups": ["early"],
        "spawner_override": {{"goproxy": {early!r}, "gosumdb": "off", "go_default": "early"}},
    }},
}}
"""


@pytest.fixture(scope="session")
def hub_folder() -> Iterator[Path]:
    """A folder that everybody may enter, with a short path: sockets are made below it."""
    with tempfile.TemporaryDirectory(prefix="gokernel-hub-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def go_prefixes(conda_prefix: Callable[..., Path]) -> dict[str, Path]:
    """Environments with Go 1.26 and 1.27, and one whose Go is gone."""
    broken = conda_prefix("go=1.26", "go-nocgo_linux-64", name="broken")
    (broken / "bin" / "go").unlink()
    return {
        "go-1.26": conda_prefix("go=1.26", "go-nocgo_linux-64", name="go-1.26"),
        "go-1.27": conda_prefix("go=1.27", "go-cgo_linux-64", name="go-1.27"),
        "broken": broken,
    }


@pytest.fixture(scope="session")
def engine_folders(
    go_prefixes: Mapping[str, Path], dev_cache: Path, hub_folder: Path
) -> list[Path]:
    """The engines of those that are whole."""
    return [
        hubs.build_engine(go_prefixes[name], dev_cache, hub_folder)
        for name in ("go-1.26", "go-1.27")
    ]


@pytest.fixture(scope="session")
def offered(go_prefixes: Mapping[str, Path]) -> dict[str, Any]:
    """What the Hub offers: to everybody, to the group `early`, to erin, and to nobody here."""
    return {
        "go-1.26": {"prefix": str(go_prefixes["go-1.26"]), "display_name": "Go 1.26"},
        "go-1.27": {"prefix": str(go_prefixes["go-1.27"]), "display_name": "Go 1.27 <new>"},
        "early": {"prefix": str(go_prefixes["go-1.27"]), "allowed_groups": ["early"]},
        "broken": {"prefix": str(go_prefixes["broken"]), "allowed_users": ["erin"]},
    }


@pytest.fixture(scope="session")
def house(
    hub_folder: Path,
    go_prefixes: Mapping[str, Path],
    engine_folders: list[Path],
    offered: Mapping[str, Any],
) -> Iterator[House]:
    """This machine with accounts; skips where nobody can make one."""
    if reason := cannot():
        pytest.skip(reason)
    prefixes.write(hub_folder / "environments.json", json.dumps({"environments": offered}))
    plan = Plan(
        hub_folder,
        USERS,
        needed=[*go_prefixes.values()],
        places={STORE / one.name: one for one in engine_folders},
        read_only=[STORE / one.name for one in engine_folders],
        own=["/usr/local/share"],
    )
    with standing(plan) as made:
        yield made


@pytest.fixture(scope="session")
def scratch(hub_folder: Path) -> Path:
    """A folder for everybody, as clusters have one."""
    folder = hub_folder / "scratch"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@pytest.fixture(scope="session")
def hub(house: House, hub_folder: Path, scratch: Path, module_proxy: Proxy) -> Iterator[Hub]:
    """A JupyterHub as root with servers under accounts; its proxy outlives it."""
    more = _MORE.format(scratch=scratch, policy=POLICY, private=PRIVATE, early=module_proxy.url)
    env = {"GOKERNEL_LOCAL_ENVIRONMENTS": str(hub_folder / "environments.json")}
    made = Hub(hub_folder, env, more, house=house, proxy_apart=True)
    with hubs.running(made):
        made.api.add(*USERS)
        yield made


@pytest.fixture(scope="session")
def api(hub: Hub) -> Api:
    """Its API."""
    return hub.api


@pytest.fixture(scope="session")
def module_proxy(hub_folder: Path) -> Proxy:
    """A folder of modules that the accounts may read."""
    proxy = Proxy(hub_folder / "proxy")
    proxy.publish(LIB, "v0.1.0", saying("one"))
    return proxy
