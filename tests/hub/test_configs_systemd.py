"""jupyterhub_config/systemd: what the spawner would have systemd run."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from tests.hub.strictly import nothing_unknown
from tools import hub_spawners

SAMPLE = Path(__file__).parents[2] / "jupyterhub_config" / "systemd" / "jupyterhub_config.py"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What systemd is asked to start; it answers that it runs."""
    from systemdspawner import systemd

    record: dict[str, Any] = {}

    async def start(unit_name: str, **settings: Any) -> bool:
        record.update(settings, unit_name=unit_name)
        return True

    async def running(unit_name: str) -> bool:
        return bool(record)

    async def no(unit_name: str) -> bool:
        return False

    monkeypatch.setattr(systemd, "start_transient_service", start)
    monkeypatch.setattr(systemd, "service_running", running)
    monkeypatch.setattr(systemd, "service_failed", no)
    monkeypatch.setattr(systemd, "get_systemd_version", lambda: 252)
    return record


def started(config: Config) -> Any:
    """A unit for whoever runs the tests: the account has to be there."""
    spawner = hub_spawners.spawner(config, getpass.getuser())
    asyncio.run(spawner.start())
    return spawner


def test_a_unit_gets_its_go_its_own_tmp_and_its_own_cache(asked: dict[str, Any]) -> None:
    """All that systemd is told."""
    name = getpass.getuser()
    started(hub_spawners.loaded(SAMPLE))
    env, properties = asked["environment_variables"], asked["properties"]

    assert asked["cmd"] == ["/opt/jupyter/bin/jupyterhub-singleuser"]
    assert env["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.26"
    assert env["GOKERNEL_HUB_PREFIX"] == "/opt/conda/envs/go-1.26"
    assert env["GOCACHE"] == f"/var/cache/jupyter-go/{name}/go-build"
    assert env["GOMODCACHE"] == f"/var/cache/jupyter-go/{name}/mod"
    assert sorted(env["GOKERNEL_POLICY"].split(",")) == ["GOCACHE", "GOMODCACHE"]
    # systemd makes and lends exactly the folder that the caches are in.
    assert properties["CacheDirectory"] == f"jupyter-go/{name}"
    assert properties["CacheDirectoryMode"] == "0700"
    assert properties["PrivateTmp"] == "yes"
    assert properties["PrivateDevices"] == "yes"
    assert properties["NoNewPrivileges"] == "yes"
    assert properties["ReadOnlyDirectories"] == ["/"]
    assert properties["ReadWriteDirectories"] == [f"/home/{name}"]
    assert properties["MemoryMax"] == 4 * 1024**3
    assert properties["CPUQuota"] == "400%"


def test_names_that_would_change_a_path_have_no_account(asked: dict[str, Any]) -> None:
    """{USERNAME} is put into paths as it is."""
    spawner = hub_spawners.spawner(hub_spawners.loaded(SAMPLE), getpass.getuser())

    for name in ("..", "a/b", "a b", "a{x}", "-a", "a\n"):
        assert not spawner.authenticator.validate_username(name)
    assert spawner.authenticator.validate_username("ada_2")


def test_every_setting_is_one_that_somebody_has(asked: dict[str, Any]) -> None:
    """traitlets takes a misspelled name without a word."""
    nothing_unknown(hub_spawners.loaded(SAMPLE))
