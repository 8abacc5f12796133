"""Which packages an environment holds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from go_kernel.conda.packages import (
    BrokenRecord,
    NoPackages,
    Package,
    clean_address,
    installed,
)
from tests import prefixes
from tests.conftest import CondaPrefix


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An empty environment."""
    return prefixes.prefix(tmp_path / "env")


def record(prefix: Path, name: str, version: str = "1.0", **more: object) -> Path:
    """A package's record, as conda-meta has it."""
    content = {"name": name, "version": version, "build": "h0_0", **more}
    path = prefix / "conda-meta" / f"{name}-{version}-h0_0.json"
    return prefixes.write(path, json.dumps(content))


def test_a_real_environment(conda_prefix: CondaPrefix) -> None:
    """Name, version, build, platform and hash of each are what the records say."""
    found = installed(conda_prefix("go=1.26", "go-cgo"))

    go = next(one for one in found if one.name == "go")
    assert go.version == "1.26.6"
    assert go.subdir
    assert len(go.sha256) == 64
    assert go.url.startswith("file://")
    assert go.url.endswith(f"{go}.conda")
    assert [one.name for one in found] == sorted(one.name for one in found)


def test_a_channel_has_one_name(prefix: Path) -> None:
    """conda adds the platform to a channel's address, rattler a slash."""
    record(prefix, "a", channel="https://conda.invalid/forge/linux-64")
    record(prefix, "b", channel="https://conda.invalid/forge/")
    record(prefix, "c", channel="forge")

    assert [one.channel for one in installed(prefix)] == [
        "https://conda.invalid/forge",
        "https://conda.invalid/forge",
        "forge",
    ]


def test_what_asked_for_it(prefix: Path) -> None:
    """rattler writes a list, conda one word, and at times Python's None."""
    record(prefix, "a", requested_specs=["a 1.*", "a >0"])
    record(prefix, "b", requested_spec="b=1")
    record(prefix, "c", requested_spec="None")

    assert [one.requested_specs for one in installed(prefix)] == [
        ("a 1.*", "a >0"),
        ("b=1",),
        (),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://me:hunter2@conda.invalid/forge/a.conda",
        "https://conda.invalid/t/hunter2/forge/a.conda",
        "https://conda.invalid/forge/a.conda?token=hunter2",
        "https://conda.invalid/forge/a.conda#hunter2",
        "https://me:hun/hunter2@conda.invalid/forge/a.conda",
    ],
)
def test_no_secret_comes_along(prefix: Path, address: str) -> None:
    """Passwords and tokens in a channel's address stay in the record."""
    record(prefix, "a", url=address, channel=address, requested_spec=f"{address}::a")

    assert "hunter2" not in clean_address(address)
    assert "hunter2" not in str(installed(prefix)[0].__dict__)


def test_a_hash_that_is_none_is_left_out(prefix: Path) -> None:
    """What is no hash proves nothing."""
    record(prefix, "a", sha256="zz", md5="A" * 32)

    assert installed(prefix) == (Package("a", "1.0", "h0_0", md5="a" * 32),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "holds no package"),
        ("{}", "its name is missing"),
        ('{"name": "a", "version": "1\\n2", "build": "0"}', "its version is missing"),
        (b"\xff\xfe\x00", "no JSON"),
    ],
)
def test_a_broken_record(prefix: Path, content: str | bytes, reason: str) -> None:
    """One sentence names the file, and the remedy reinstalls the package."""
    path = prefixes.write(prefix / "conda-meta" / "some-tool-1.0-0.json", content)

    with pytest.raises(BrokenRecord, match=reason) as caught:
        installed(prefix)

    assert str(path) in caught.value.summary
    assert caught.value.remedy is not None
    assert caught.value.remedy.commands[0].endswith("--force-reinstall some-tool")


def test_two_records_of_one_package(prefix: Path) -> None:
    """An upgrade that was broken off leaves two, and nobody knows which one holds."""
    record(prefix, "a", "1.0")
    record(prefix, "a", "2.0")

    with pytest.raises(BrokenRecord, match=r"a-1\.0-h0_0 is recorded as well"):
        installed(prefix)


def test_a_pipe_in_place_of_a_record(prefix: Path) -> None:
    """Nobody waits for whoever might write it."""
    os.mkfifo(prefix / "conda-meta" / "a-1.0-0.json")

    with pytest.raises(BrokenRecord, match="it is no file"):
        installed(prefix)


def test_no_environment(tmp_path: Path) -> None:
    """A folder that is no environment is named."""
    with pytest.raises(NoPackages, match="doesn't say which packages it holds"):
        installed(tmp_path / "gone")
