"""What a hostile or unlucky world has already tried, each once."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

import pytest

from go_kernel import process, shells
from go_kernel.conda import condarc, discovery
from go_kernel.engines import manifest
from go_kernel.engines.errors import StoreUntrusted
from go_kernel.engines.store import BUILDING, Stores
from go_kernel.files import foreign_writer, write_json

_USER, _MASK, _OWNER, _GROUP, _OTHER = 0x02, 0x10, 0x01, 0x04, 0x20
_NOBODY = 65534


def _give_by_access_list(path: Path, permissions: int) -> None:
    """What `setfacl -m u:nobody:...` does."""
    entries = [
        (_OWNER, 7, 0xFFFFFFFF),
        (_USER, permissions, _NOBODY),
        (_GROUP, 5, 0xFFFFFFFF),
        (_MASK, 7, 0xFFFFFFFF),
        (_OTHER, 5, 0xFFFFFFFF),
    ]
    content = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    os.setxattr(path, "system.posix_acl_access", content)


def test_a_writer_by_access_list_is_a_foreign_writer(tmp_path: Path) -> None:
    """The mode shows only a group's bits; who may read by such a list is no danger."""
    writable, readable = tmp_path / "writable", tmp_path / "readable"
    for folder in (writable, readable):
        folder.mkdir(mode=0o755)
    _give_by_access_list(writable, 7)
    _give_by_access_list(readable, 5)

    assert "access list" in foreign_writer(writable)
    assert foreign_writer(readable) == ""


def test_a_shell_evaluates_nothing(tmp_path: Path) -> None:
    """bash takes some variables for arithmetic, and runs what stands in it."""
    planted = tmp_path / "ran"
    hostile = dict.fromkeys(("RANDOM", "SECONDS", "OPTIND", "LINENO"), f"a[$(touch {planted})]")
    lines = "\n".join([*shells.commands("sh", {**hostile, "HARMLESS": "$(touch x)"})])

    done = subprocess.run(
        ["/bin/bash", "-c", 'eval "$1"; echo "$HARMLESS"', "bash", lines],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "$(touch x)\n"
    assert [*tmp_path.iterdir()] == []


def test_a_pipe_in_place_of_a_list_is_passed_over(tmp_path: Path) -> None:
    """Nobody writes into it: opening it would never return."""
    (tmp_path / ".conda").mkdir()
    os.mkfifo(tmp_path / ".conda" / "environments.txt")

    assert discovery.find_environments({"HOME": str(tmp_path)}) == []


def test_a_huge_configuration_is_passed_over(tmp_path: Path) -> None:
    """Parsing a megabyte of YAML would take seconds at each look."""
    text = f"envs_dirs: [{tmp_path}/envs]\n"
    (tmp_path / ".condarc").write_text(text)
    env = {"HOME": str(tmp_path)}
    assert tmp_path / "envs" in [*condarc.envs_dirs(env)]

    (tmp_path / ".condarc").write_text(text + "#" * 1_000_000)
    assert tmp_path / "envs" not in [*condarc.envs_dirs(env)]


@pytest.mark.parametrize(
    "change",
    [{"executable": "bin\0x"}, {"go_version": ["x"]}, {"key": 7}, {"size": "big"}],
)
def test_a_hostile_manifest_is_none(tmp_path: Path, change: dict[str, object]) -> None:
    """Wrong kinds and names no file can have: no build, and no crash."""
    good = manifest.Manifest(
        key="k",
        engine="e",
        go_version="1",
        goroot="/g",
        go_sha256="0",
        platform="linux/amd64",
        cgo=True,
        flags=(),
        modules={},
        sources_digest="0",
        executable="bin/x",
        std_exports="exports",
        size=1,
        sha256="0",
        built_at="now",
        seconds=1.0,
        made_by="us",
    )
    good.write(tmp_path)
    assert manifest.read(tmp_path) == good

    content = {**vars(good), **change}
    write_json(tmp_path / manifest.FILE, content)
    assert manifest.read(tmp_path) is None


def test_pruning_follows_no_link(tmp_path: Path) -> None:
    """A link that looks like a crashed build's folder goes; what it leads to stays as it is."""
    victim = tmp_path / "victim"
    (victim / "inside").mkdir(parents=True)
    victim.chmod(0o755)
    store = tmp_path / "store"
    store.mkdir(mode=0o700)
    link = store / f"{BUILDING}gophernotes-go1.26.6-{'0' * 32}-x"
    link.symlink_to(victim)

    Stores((), store).prune(set())

    assert not link.is_symlink()
    assert victim.stat().st_mode & 0o777 == 0o755
    assert (victim / "inside").is_dir()


def test_pruning_a_store_of_everybodys_is_refused(tmp_path: Path) -> None:
    """What is in there is not ours to remove."""
    store = tmp_path / "store"
    store.mkdir()
    store.chmod(0o777)

    with pytest.raises(StoreUntrusted) as caught:
        Stores((), store).prune(set())

    assert str(store) in str(caught.value)


def test_a_limit_without_end_is_one(tmp_path: Path) -> None:
    """An infinite time limit means: no limit."""
    done = process.run(["/bin/echo", "x"], env={}, timeout=float("inf"))

    assert done.stdout == "x\n"
