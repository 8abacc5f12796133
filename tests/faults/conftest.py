"""What tests of faults share: the bad day, and somebody's command line on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix
from tests.faults.badday import BadDay, bad_day


@pytest.fixture(scope="session")
def whole_day(
    goroot: Callable[[str], Path], dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BadDay]:
    """Athens and the proxy in front of it."""
    folder = tmp_path_factory.mktemp("day")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "GOCACHE": str(dev_cache / "gocache")}
    with bad_day(folder, goroot("1.26"), env) as made:
        yield made


@pytest.fixture
def day(whole_day: BadDay) -> BadDay:
    """The same, without a fault yet."""
    whole_day.faulty("")
    return whole_day


@pytest.fixture
def line(
    day: BadDay,
    dev_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """Somebody's command line: nothing is downloaded yet, and the bad proxy is theirs."""
    for name in ("home", "out", "cache", "bundles"):
        (tmp_path / name).mkdir()
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOPROXY": day.faulty.url,
        "GOSUMDB": "off",
        "GOKERNEL_BUNDLES": str(tmp_path / "bundles"),
        "GOKERNEL_SITE_BUNDLES": "",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    return CommandLine(env, tmp_path / "out", monkeypatch, capsys)


@pytest.fixture
def words(day: BadDay, conda_prefix: CondaPrefix) -> list[str]:
    """`bundle create` of the project, for a file `b` in the folder that it is run in."""
    chosen = ("--engine", "none", "--env", str(conda_prefix("go=1.26")))
    return ["bundle", "create", "--project", str(day.project), *chosen, "-o", "b"]
