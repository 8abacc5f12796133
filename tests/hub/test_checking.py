"""`check(c)`: a Hub whose settings for Go can't work doesn't start, and odd ones are said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from go_kernel.hub import check
from tools import hub_spawners

SAMPLES = Path(__file__).parents[2] / "jupyterhub_config"


def configured(spawner: str = "gokernel-docker", **settings: Any) -> Config:
    """A configuration with these settings of ours."""
    return Config({"JupyterHub": {"spawner_class": spawner}, "GoSpawnerMixin": settings})


def warned(c: Config, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is said on stderr, a line each; nothing is said on stdout."""
    check(c)
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()


def test_each_mistake_has_its_sentence() -> None:
    """All at once, so that they can be mended at once."""
    c = configured(
        go_environments={"Go-1.26": {}}, go_default="Go", gocache="relative", goproxy=["x"]
    )
    with pytest.raises(SystemExit) as ended:
        check(c)
    lines = str(ended.value).splitlines()
    assert [line.split()[0].rpartition(".")[2] for line in sorted(lines)] == [
        "go_default",
        "go_environments",
        "gocache",
        "goproxy",
    ]
    assert all("can't be used: " in line and "Mend it" in line for line in lines)


@pytest.mark.parametrize(
    "spawner", ["gokernel-simple", "go_kernel.hub.spawners.local.GoLocalSpawner"]
)
def test_what_is_needed_depends_on_the_spawner(spawner: str) -> None:
    """A prefix where the Hub shares files, a place of one's own; in a container neither."""
    settings: dict[str, Any] = {"go_environments": {"go": {}}, "gocache": "/cache"}
    check(configured(**settings))
    with pytest.raises(SystemExit) as ended:
        check(configured(spawner, **settings))
    assert "'prefix' of 'go' is missing" in str(ended.value)
    assert "all users would share it" in str(ended.value)
    check(configured(spawner, go_shares_files=False, **settings))


def test_settings_count_wherever_traitlets_takes_them_from() -> None:
    """The section of a spawner's class is as good; a class may be handed in."""
    from go_kernel.hub.spawners.simple import GoSimpleSpawner

    c = Config({"SimpleLocalProcessSpawner": {"gopath": "relative"}})
    check(c)
    with pytest.raises(SystemExit, match="gopath"):
        check(c, GoSimpleSpawner)
    c.JupyterHub.spawner_class = GoSimpleSpawner
    with pytest.raises(SystemExit, match="gopath"):
        check(c)


def test_a_default_that_nothing_offers() -> None:
    """In a map that is known; a callable's isn't."""
    with pytest.raises(SystemExit, match="'gone' is not in go_environments"):
        check(configured(go_environments={"go": {}}, go_default="gone"))
    check(configured(go_environments=lambda spawner: {}, go_default="gone"))


def test_a_spawner_that_is_not_there_is_for_the_hub_to_tell() -> None:
    """Here it is only not known what it needs."""
    check(configured("no.such.Spawner", go_environments={"go": {}}))
    check(Config())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"go_enviroments": {}},
            "go_enviroments is no setting, and does nothing. Did you mean",
        ),
        ({"zzz": 1}, "zzz is no setting, and does nothing. There are allow_user_choice, "),
        (
            {"go_environments": {"go": {"prefix": "/no/such"}}},
            "go_environments, /no/such, is no folder that the Hub sees.",
        ),
        (
            {"go_environments": {"go": {"prefix": "/", "allowed_users": ["Ada", "bob"]}}},
            "'Ada' in allowed_users of 'go'",
        ),
        ({"goproxy": "https://joe:hunter2@p.invalid"}, "Entry 1 of c.GoSpawnerMixin.goproxy holds"),
        ({"goproxy": "off,proxy.example.org|direct"}, "Entry 2 of c.GoSpawnerMixin.goproxy has no"),
    ],
)
def test_what_is_odd_is_said(
    settings: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, without what may be secret; and the Hub starts."""
    [line] = warned(configured("gokernel-simple", **settings), capsys)
    assert line.startswith("Warning: ")
    assert said in line
    assert "hunter2" not in line


def test_what_is_right_is_not_talked_about(capsys: pytest.CaptureFixture[str]) -> None:
    """Also where the Hub can't see the prefix."""
    settings: dict[str, Any] = {
        "go_environments": {"go": {"prefix": "/no/such", "allowed_users": ["ada"]}},
        "go_default": "go",
        "goproxy": "https://p.invalid,file:///srv/go|direct",
        "gocache": "/cache",
        "mem_limit": "1G",  # the spawner's own, which is taken here, too
    }
    assert warned(configured(**settings), capsys) == []


@pytest.mark.parametrize("name", ["batch", "systemd"])
def test_the_samples_are_checked(name: str, tmp_path: Path) -> None:
    """A mistake in one ends the Hub where its configuration is read."""
    path = SAMPLES / name / "jupyterhub_config.py"
    hub_spawners.loaded(path)
    broken = tmp_path / "jupyterhub_config.py"
    broken.write_text(path.read_text().replace('"go-1.27": {"prefix"', '"Go": {"prefix"'))
    with pytest.raises(SystemExit, match="'Go' is no id"):
        hub_spawners.loaded(broken)
