"""Names and paths to environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from go_kernel import choose
from tests import prefixes


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A home with two folders of environments."""
    home = tmp_path / "home"
    (home / ".conda" / "envs").mkdir(parents=True)
    return {"HOME": str(home), "CONDA_ENVS_DIRS": str(tmp_path / "envs")}


def test_path_in_all_its_ways(tmp_path: Path, env: dict[str, str]) -> None:
    """Absolute, relative, with `~`, `..` or a slash at the end: the same environment."""
    prefix = prefixes.go_prefix(tmp_path / "home" / "e" / "demo")
    folder = tmp_path / "home" / "e"
    for said in (str(prefix), f"{prefix}/", "./demo", "demo/", "../e/demo", "~/e/demo"):
        assert choose.environment(said, env, folder).prefix == prefix, said
    with pytest.raises(choose.NoSuchEnvironment):
        choose.environment("demo", env, folder)  # a name, and no environment has it


def test_link_keeps_its_name(tmp_path: Path, env: dict[str, str]) -> None:
    """An environment reached by a link is known by the link."""
    prefixes.go_prefix(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    target = choose.environment(str(tmp_path / "link"), env, tmp_path)
    assert (target.name, target.prefix) == ("link", tmp_path / "link")


@pytest.mark.parametrize("said", ["", "no", "a\nb", "-x", "*", "DEMO"])
def test_unknown_name(tmp_path: Path, env: dict[str, str], said: str) -> None:
    """A name counts as it is, case and all."""
    prefixes.go_prefix(tmp_path / "envs" / "demo")
    with pytest.raises(choose.NoSuchEnvironment):
        choose.environment(said, env, tmp_path)


def test_root_is_base(tmp_path: Path, env: dict[str, str]) -> None:
    """A root prefix answers to `base`."""
    root = prefixes.go_prefix(tmp_path / "miniforge3")
    env["MAMBA_ROOT_PREFIX"] = str(root)
    assert choose.environment("base", env, tmp_path).prefix == root


def test_path_without_environment(tmp_path: Path, env: dict[str, str]) -> None:
    """A folder that is a GOROOT is told apart from one that is nothing."""
    goroot = prefixes.goroot(tmp_path / "sdk")
    with pytest.raises(choose.NoSuchEnvironment, match="--go") as caught:
        choose.environment(str(goroot), env, tmp_path)
    assert "is no conda environment" in caught.value.summary
    with pytest.raises(choose.NoSuchEnvironment, match="is no folder"):
        choose.environment("/nowhere/at/all", env, tmp_path)


def test_newest_is_by_number(tmp_path: Path, env: dict[str, str]) -> None:
    """1.100 is newer than 1.99.9, and a release than its candidate."""
    for name, version in enumerate(("1.99.9", "1.100rc1", "1.100", "1.100beta2", "1.9")):
        prefixes.go_prefix(tmp_path / "envs" / str(name), version)
    choice = choose.default_of_any(env, tmp_path, embedded=None)
    assert choice.target.name == "2"


def test_embedded_comes_before_newest(tmp_path: Path, env: dict[str, str]) -> None:
    """What ships with us is taken before whatever lies around."""
    prefixes.go_prefix(tmp_path / "envs" / "new", "1.100")
    embedded = prefixes.goroot(tmp_path / "embedded", "1.26.1")
    choice = choose.default_of_any(env, tmp_path, embedded=embedded)
    assert choice.target.goroot == embedded
    assert "1.26.1" in choice.why


def test_active_without_go_says_so(tmp_path: Path, env: dict[str, str]) -> None:
    """An active environment without Go is named in what is said."""
    env["CONDA_PREFIX"] = str(prefixes.prefix(tmp_path / "envs" / "bare"))
    embedded = prefixes.goroot(tmp_path / "embedded")
    assert str(tmp_path / "envs" / "bare") in choose.default(env, embedded=embedded).why
    with pytest.raises(choose.NoGo, match="bare has none"):
        choose.default(env, embedded=None)


def test_an_active_environment_that_is_gone(tmp_path: Path, env: dict[str, str]) -> None:
    """It is told apart from one that has no Go, and who needs that very one hears of it."""
    goroot = prefixes.goroot(tmp_path / "sdk")
    env["CONDA_PREFIX"] = "/nowhere"
    why = choose.default_of_any(env, tmp_path, embedded=goroot).why
    assert why.startswith("/nowhere, which CONDA_PREFIX names, is not there, so the Go 1.26.6")
    with pytest.raises(choose.NoSuchEnvironment, match="is what CONDA_PREFIX names"):
        choose.active(env, tmp_path)
    env["CONDA_PREFIX"] = str(prefixes.prefix(tmp_path / "bare"))
    assert choose.default_of_any(env, tmp_path, embedded=goroot).why.startswith(
        f"{tmp_path / 'bare'} has no Go, so"
    )
    active = choose.active(env, tmp_path)
    assert active is not None
    assert active.prefix == tmp_path / "bare"
    del env["CONDA_PREFIX"]
    assert choose.active(env, tmp_path) is None
