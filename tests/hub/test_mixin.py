"""The mixin over JupyterHub's own spawners: what a server gets, and when it gets none."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyterhub.spawner import LocalProcessSpawner
from tornado.web import HTTPError

from go_kernel.hub.spawners.local import GoLocalSpawner
from go_kernel.hub.spawners.simple import GoSimpleSpawner
from tests import prefixes
from tests.hub.spawners import spawner

# A server that says what it was given, and ends.
_TELL = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment that looks whole, with an activation script."""
    made = prefixes.go_prefix(tmp_path / "envs" / "demo")
    prefixes.script(made, "cc.sh", 'export CC="$CONDA_PREFIX/bin/cc" SEEN_HOME="$HOME"')
    return made


def started(one: Any, tmp_path: Path) -> dict[str, str]:
    """The variables of the process that a local spawner starts."""
    said = tmp_path / "said.json"
    one.home_dir_template = str(tmp_path / "home" / "{username}")
    one.cmd = [sys.executable, "-c", _TELL, str(said)]

    async def run() -> None:
        await one.start()
        one.proc.wait()

    asyncio.run(run())
    return dict(json.loads(said.read_text()))


def test_a_local_server_has_the_whole_environment(tmp_path: Path, prefix: Path) -> None:
    """What activation sets, GOROOT and PATH are in the server's process, with id and prefix."""
    one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
    got = started(one, tmp_path)
    assert got["GOKERNEL_HUB_ENVIRONMENT"] == "demo"
    assert got["GOKERNEL_HUB_PREFIX"] == str(prefix)
    assert got["CC"] == f"{prefix}/bin/cc"
    assert got["CONDA_PREFIX"] == str(prefix)
    assert got["GOROOT"] == f"{prefix}/go"
    assert got["GOTOOLCHAIN"] == "local"
    assert got["PATH"].split(":")[0] == f"{prefix}/bin"
    assert "GOKERNEL_POLICY" not in got


def test_scripts_see_no_home(tmp_path: Path, prefix: Path) -> None:
    """The Hub runs scripts with its own rights: they are told of nobody's home."""
    one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
    assert started(one, tmp_path)["SEEN_HOME"] == ""


def test_an_id_that_is_not_offered_stops_the_spawn(tmp_path: Path, prefix: Path) -> None:
    """The user reads one sentence; the next start doesn't ask for the same again."""
    one = spawner(
        GoSimpleSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        options={"go_environment": "other"},
    )
    with pytest.raises(HTTPError) as caught:
        started(one, tmp_path)
    assert caught.value.status_code == 403
    assert caught.value.jupyterhub_message == (  # type: ignore[attr-defined]
        "The Go environment 'other' is not offered to you. Choose one of these: demo."
    )
    assert one.orm_spawner.user_options == {}


def test_the_ready_class_is_a_local_spawner() -> None:
    """What JupyterHub finds under its entry point."""
    assert issubclass(GoLocalSpawner, LocalProcessSpawner)
