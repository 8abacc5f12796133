from __future__ import annotations

import json
from pathlib import Path

import pytest

from go_kernel.hub import single
from tools import hub_demo, labextension
from tools.demo import now_and_then


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo keeps its things."""
    monkeypatch.setattr(hub_demo, "FOLDER", tmp_path)
    monkeypatch.setattr(hub_demo, "HUB", tmp_path / "hub")
    return tmp_path


def test_what_the_configuration_is_told(folder: Path) -> None:
    """The two environments; what the person set stays."""
    env = {"PATH": "/usr/bin", "JUPYTER_PATH": "/mine", "GOKERNEL_LOCAL_PASSWORD": "mine-alone"}

    told = hub_demo.variables({"go-1.26": Path("/envs/go-1.26")}, env)

    listed = json.loads(Path(told["GOKERNEL_LOCAL_ENVIRONMENTS"]).read_text())
    assert listed == {"environments": {"go-1.26": {"prefix": "/envs/go-1.26"}}}
    assert told["JUPYTER_PATH"].endswith(":/mine")
    assert told["GOKERNEL_LOCAL_PASSWORD"] == "mine-alone"
    assert "GOKERNEL_LOCAL_PASSWORD" not in hub_demo.variables({}, {})


def test_second_start_touches_nothing(
    folder: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a Hub of this checkout runs it is said at once, before anything is made."""
    private = folder / "hub" / "private"
    private.mkdir(parents=True)
    single.hold(private, "http://127.0.0.1:4711")
    before = sorted(folder.rglob("*"))

    assert hub_demo.main() == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert "runs in" in said.err
    assert "http://127.0.0.1:4711" in said.err
    assert sorted(folder.rglob("*")) == before


def test_hub_without_a_panel_says_so(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, with what builds it."""

    def fails(env: object) -> None:
        raise labextension.BuildError("There is no jlpm.\nmuch\nmore")

    monkeypatch.setattr(labextension, "is_current", lambda: False)
    monkeypatch.setattr(labextension, "provide_node", fails)

    hub_demo.panel({})

    [_, said] = capsys.readouterr().out.splitlines()
    assert "without it: There is no jlpm. `make labextension`" in said


def test_counting_is_told_now_and_then(capsys: pytest.CaptureFixture) -> None:
    """Each phase at once; of the hundred lines that count its packages the first."""
    counted = [f"go-1.26: Compiling x: {count} packages, some/path{count}" for count in range(99)]
    phases = ["go-1.26: Compiling x with Go 1.26", "go-1.26: Trying x"]
    tell = now_and_then()
    for line in (phases[0], *counted, phases[1]):
        tell(line)

    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert told == [phases[0], counted[0], phases[1]]
