"""`bundle create` on bad days: one sentence, nothing half-made, the next try works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix
from tests.offline.badday import DEP, VERSION, BadDay, bad_day
from tests.offline.fault_table import PROXY, Row

ZIP = f"{DEP}/@v/{VERSION}.zip"


@pytest.fixture(scope="module")
def day(
    goroot: Callable[[str], Path], dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BadDay]:
    """One for all tests of this file."""
    folder = tmp_path_factory.mktemp("day")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "GOCACHE": str(dev_cache / "gocache")}
    with bad_day(folder, goroot("1.26"), env) as made:
        yield made


@pytest.fixture
def line(
    day: BadDay,
    dev_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """Somebody's command line: nothing is downloaded yet, and the bad proxy is theirs."""
    for name in ("home", "out"):
        (tmp_path / name).mkdir()
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path / "home"),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOPROXY": day.faulty.url,
        "GOSUMDB": "off",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    return CommandLine(env, tmp_path / "out", monkeypatch, capsys)


@pytest.fixture
def words(day: BadDay, conda_prefix: CondaPrefix) -> list[str | Path]:
    """The command, for a file `b` in the folder that it is run in."""
    project = ["--project", day.project, "--engine", "none", "--env", conda_prefix("go=1.26")]
    return ["bundle", "create", *project, "-o", "b"]


@pytest.mark.parametrize("row", PROXY, ids=lambda row: row.fault)
def test_each_fault_gives_its_sentence(
    day: BadDay, line: CommandLine, words: list[str | Path], row: Row
) -> None:
    """Once, with what to do; neither the file nor a piece of it is there, and the rerun works."""
    day.faulty(row.fault, ZIP)
    if row.gave:
        done = line(*words)
        assert done.code == 1
        assert done.out == ""
        said = " ".join(done.err.split())
        assert said.count("Error:") == 1
        assert f"{row.gives(f'{DEP}@{VERSION}')}. {row.remedy}" in said
        assert "Traceback" not in done.err
        assert not nothing_left(line)
        day.faulty("")
    assert line(*words).code == 0
    assert line("bundle", "verify", "b").code == 0
    assert [path.name for path in line.cwd.iterdir()] == ["b"]


def nothing_left(line: CommandLine) -> list[Path]:
    """What a run left behind that was none of its to leave."""
    working = Path(line.env["XDG_CACHE_HOME"]) / "jupyter-gokernel" / "bundling"
    return [*line.cwd.iterdir(), *(working.iterdir() if working.exists() else ())]
