"""The local configuration by itself: safe as it stands, and one sentence where it can't work."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from traitlets.config.loader import PyFileConfigLoader

from tests import prefixes
from tests.hub.house import ROOT
from tests.hub.hubs import CONFIG, PASSWORD

Load = Callable[..., Any]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """`load(PASSWORD="…")`: what the configuration says for a person with these settings."""
    for name in list(os.environ):
        if name.startswith(("GOKERNEL_", "CONDA", "MAMBA", "XDG_", "JUPYTER")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def loaded(**settings: str) -> Any:
        usual = {"PASSWORD": PASSWORD, "FOLDER": str(tmp_path / "hub"), "SPAWNER": "simple"}
        for name, value in {**usual, **settings}.items():
            monkeypatch.setenv(f"GOKERNEL_LOCAL_{name}", value)
        return PyFileConfigLoader(CONFIG.name, str(CONFIG.parent)).load_config()

    return loaded


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of one environment."""
    content = {"environments": {"go": {"prefix": "/opt/go", "name": "Go for all"}}}
    return prefixes.write(tmp_path / "list.json", json.dumps(content))


def test_safe_as_it_stands(load: Load, listed: Path, tmp_path: Path) -> None:
    """This machine's own address, no root, no folder as a name, nothing that others may read."""
    config = load(ENVIRONMENTS=str(listed), PORT="9000")

    assert config.JupyterHub.bind_url == "http://127.0.0.1:9000"
    assert config.JupyterHub.authenticator_class == "shared-password"
    assert config.SharedPasswordAuthenticator.user_password == PASSWORD
    assert config.Authenticator.blocked_users == {"root"}
    assert config.JupyterHub.spawner_class == "gokernel-simple"
    private = tmp_path / "hub" / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert str(private) in config.JupyterHub.db_url
    assert str(private) in config.JupyterHub.cookie_secret_file
    offered = {"go": {"prefix": "/opt/go", "display_name": "Go for all"}}
    assert config.GoSpawnerMixin.go_environments == offered


def test_new_password_each_time(load: Load, listed: Path, capsys: pytest.CaptureFixture) -> None:
    """Without one of the person's own it is made up, and printed."""
    first, second = (
        load(ENVIRONMENTS=str(listed), PASSWORD="").SharedPasswordAuthenticator.user_password
        for _ in range(2)
    )

    assert first != second
    assert len(first) >= 12
    assert first in capsys.readouterr().out


def test_accounts_by_one_switch_each(load: Load, listed: Path) -> None:
    """PAM for the passwords, servers under accounts; engines are then root's to build."""
    config = load(ENVIRONMENTS=str(listed), AUTH="pam", SPAWNER="local")

    assert config.JupyterHub.authenticator_class == "pam"
    assert config.JupyterHub.spawner_class == "gokernel-local"
    assert "GOKERNEL_STORE" not in config.Spawner.environment
    folder = Path(config.Spawner.environment["JUPYTER_CONFIG_PATH"])
    written = json.loads((folder / "jupyter_server_config.json").read_text())
    assert written["GoKernelProvisioner"]["build_at_launch"] is False


def test_environments_of_one_name_are_told_apart(load: Load, tmp_path: Path) -> None:
    """Ids are made of names; two of one name differ, and a broken one isn't offered."""
    folders = [tmp_path / "a" / "My Env", tmp_path / "b" / "my env", tmp_path / "go-1.26"]
    for one in folders:
        prefixes.go_prefix(one)
    broken = prefixes.go_prefix(tmp_path / "broken")
    (broken / "go" / "VERSION").unlink()
    known = "\n".join(map(str, [*folders, broken]))
    prefixes.write(tmp_path / "home" / ".conda" / "environments.txt", known + "\n")

    offered = load().GoSpawnerMixin.go_environments

    assert {name: one["prefix"] for name, one in offered.items()} == dict(
        zip(("my-env", "my-env-2", "go-1.26"), map(str, folders), strict=True)
    )


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "no conda environment with Go was found"),
        ({"ENVIRONMENTS": "{folder}/none.json"}, "there is no file"),
        ({"ENVIRONMENTS": "{folder}/bad.json"}, "is no JSON like"),
        ({"PASSWORD": "short"}, "needs 8 letters or more"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    load: Load, tmp_path: Path, settings: dict[str, str], expected: str
) -> None:
    """The Hub ends before it starts."""
    prefixes.write(tmp_path / "bad.json", '{"environments": {"go": "/opt/go"}}')

    with pytest.raises(SystemExit, match=expected) as raised:
        load(**{name: value.format(folder=tmp_path) for name, value in settings.items()})

    assert "\n" not in str(raised.value)
