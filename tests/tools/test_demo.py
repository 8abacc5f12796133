import sys
from pathlib import Path

import pytest

from tools import demo


@pytest.fixture
def env(dev_cache, clean_env):
    """The demo's variables, with downloads where all tests keep them."""
    return clean_env | {
        "GOKERNEL_DEV_CACHE": str(dev_cache),
        "RATTLER_CACHE_DIR": str(dev_cache / "rattler"),
    }


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"CHANNEL": "conda-forge"}, ("conda-forge", "go")),
        ({"CHANNEL": "conda-forge", "GO": "1.25"}, ("conda-forge", "go=1.25")),
    ],
)
def test_public_channel_by_name(env, variables, expected):
    """CHANNEL and GO go to the public channel as they are: it knows its own versions."""
    assert demo.wanted(env | variables) == expected


def test_embedded_channel_has_the_newest_go(env):
    """Without settings: a local channel, and the newest Go that is pinned."""
    channel, spec = demo.wanted(env)

    assert spec == "go=1.27.3"
    assert (Path(channel) / "noarch" / "repodata.json").exists()


def test_environment_is_kept_until_something_else_is_wanted(
    env, channel, tmp_path, monkeypatch, capsys
):
    """A second run finds the environment; another Go makes it anew, nothing of the old left."""
    prefix = tmp_path / "envs" / "demo"
    monkeypatch.setattr(demo, "PREFIX", prefix)
    demo.environment(str(channel), "go=1.26.6", env)
    (prefix / "mark").touch()

    demo.environment(str(channel), "go=1.26.6", env)
    kept = (prefix / "mark").exists(), "is there already" in capsys.readouterr().out
    demo.environment(str(channel), "go=1.27.3", env)

    assert kept == (True, True)
    assert not (prefix / "mark").exists()
    assert (prefix / "go" / "VERSION").read_text().startswith("go1.27.3\n")


def test_failure_is_one_sentence(env, monkeypatch, capsys):
    """A Go that isn't pinned: exit code 1, and one sentence with those that are."""
    monkeypatch.setenv("GO", "1.21")
    monkeypatch.delenv("CHANNEL", raising=False)

    code = demo.main()

    said = capsys.readouterr().err.strip()
    assert code == 1
    assert said.startswith("make demo: Go 1.21 is not in the table")
    assert "\n" not in said


def test_says_how_to_go_on(env, monkeypatch, capsys):
    """The last lines can be typed as they are, and no step is called by a code word."""
    monkeypatch.setattr(demo, "wanted", lambda env: ("/channel", "go=1.27.3"))
    for name in ("environment", "install", "show"):
        monkeypatch.setattr(demo, name, lambda *_: None)
    monkeypatch.setattr(sys, "prefix", str(Path.cwd() / ".venv"))

    demo.demo(env)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "==> Go to install: the local look-alike channel"
    assert [line.strip() for line in lines[-2:]] == [
        ". .venv/bin/activate",
        "jupyter gokernel envs",
    ]
