from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tools import hub_demo


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo keeps its things."""
    monkeypatch.setattr(hub_demo, "FOLDER", tmp_path)
    return tmp_path


def test_what_the_configuration_is_told(folder: Path) -> None:
    """The two environments; what the person set stays."""
    env = {"PATH": "/usr/bin", "JUPYTER_PATH": "/mine", "GOKERNEL_LOCAL_PASSWORD": "mine-alone"}

    told = hub_demo.variables({"go-1.26": Path("/envs/go-1.26")}, env)

    listed = json.loads(Path(told["GOKERNEL_LOCAL_ENVIRONMENTS"]).read_text())
    assert listed == {"environments": {"go-1.26": {"prefix": "/envs/go-1.26"}}}
    assert told["JUPYTER_PATH"].endswith(":/mine")
    assert told["GOKERNEL_LOCAL_PASSWORD"] == "mine-alone"
    assert 0 < int(told["GOKERNEL_LOCAL_PORT"]) < 65536
    assert hub_demo.variables({}, {})["GOKERNEL_LOCAL_PASSWORD"] != ""


def test_hub_that_ends_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence; the Hub's own words are above it."""
    config = folder / "jupyterhub_config.py"
    config.write_text("raise SystemExit('not today')\n")
    monkeypatch.setattr(hub_demo, "CONFIG", config)
    told = hub_demo.variables({}, {"PATH": os.environ["PATH"], "HOME": str(folder)})

    with pytest.raises(hub_demo.HubDidNotStart, match="did not start"):
        hub_demo.serve(told)
