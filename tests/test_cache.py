"""Small values remembered on disk, for one user, and never at anybody's cost."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel import cache as caches
from go_kernel.cache import Cache, file_key
from tests import prefixes, unprivileged


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty one."""
    return Cache(tmp_path / "deep" / "cache")


_KEYS = st.lists(st.text(st.characters(exclude_characters="\0", categories=None)), min_size=1)


@given(key=_KEYS, value=st.binary())
def test_what_was_put_is_there(
    key: list[str], value: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Under any key, half characters included."""
    cache = Cache(tmp_path_factory.getbasetemp() / "any key")

    cache.put(value, *key)

    assert cache.get(*key) == value


@given(one=_KEYS, other=_KEYS)
def test_other_keys_are_other_entries(
    one: list[str], other: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Split elsewhere, they are others too."""
    if one != other:
        cache = Cache(tmp_path_factory.mktemp("keys"))
        cache.put(b"x", *one)
        assert cache.get(*other) is None


def test_nothing_is_there_at_first(cache: Cache) -> None:
    """And asking makes nothing."""
    assert cache.get("x") is None
    assert not cache.folder.exists()


def test_the_newest_value_counts(cache: Cache) -> None:
    """It replaces the old one."""
    cache.put(b"1", "x")
    cache.put(b"2", "x")

    assert cache.get("x") == b"2"
    assert len(list(cache.folder.iterdir())) == 1


def test_entries_are_private(cache: Cache) -> None:
    """Some hold credentials."""
    cache.put(b"x", "x")

    [entry] = cache.folder.iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    assert cache.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o602, 0o666])
def test_an_entry_that_others_could_write_is_not_believed(mode: int, cache: Cache) -> None:
    """It is as good as none."""
    cache.put(b"x", "x")
    [entry] = cache.folder.iterdir()
    entry.chmod(mode)

    assert cache.get("x") is None


@pytest.mark.parametrize("mode", [0o777, 0o1777])
def test_a_folder_that_others_could_write_is_not_believed(mode: int, cache: Cache) -> None:
    """Nor what is in it."""
    cache.put(b"x", "x")
    cache.folder.chmod(mode)

    assert cache.get("x") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_entry_of_somebody_else_is_not_believed(cache: Cache) -> None:
    """Even where only they can write it."""
    cache.put(b"x", "x")
    [entry] = cache.folder.iterdir()
    os.chown(entry, unprivileged.NOBODY, unprivileged.NOBODY)

    assert cache.get("x") is None


@pytest.mark.parametrize("kind", ["below a file", "a file", "a loop", "too long"])
def test_a_folder_that_cannot_be_made_costs_nothing_but_time(kind: str, tmp_path: Path) -> None:
    """No error, no memory."""
    prefixes.write(tmp_path / "file", "")
    (tmp_path / "loop").symlink_to("loop")
    places = {"below a file": "file/x", "a file": "file", "a loop": "loop", "too long": "x" * 5000}
    cache = Cache(tmp_path / places[kind])

    cache.put(b"x", "x")

    assert cache.get("x") is None


def test_an_entry_that_is_a_folder(cache: Cache) -> None:
    """Or anything else that can't be read."""
    cache.put(b"x", "x")
    [entry] = cache.folder.iterdir()
    entry.unlink()
    entry.mkdir()

    cache.put(b"x", "x")

    assert cache.get("x") is None


def test_a_named_pipe_in_place_of_an_entry_is_not_waited_for(cache: Cache) -> None:
    """Only we could have put it there; still."""
    cache.put(b"x", "x")
    [entry] = cache.folder.iterdir()
    entry.unlink()
    os.mkfifo(entry)

    assert cache.get("x") is None


_READ_ONLY = """
from pathlib import Path
from go_kernel.cache import Cache
cache = Cache(Path(sys.argv[1]) / "cache")
drop()
cache.put(b"x", "x")
print(json.dumps(cache.get("x") is None))
"""


def test_a_folder_that_cannot_be_written(cache: Cache) -> None:
    """A read-only home."""
    with unprivileged.open_folder() as base:
        base.chmod(0o555)
        assert unprivileged.run(_READ_ONLY, base) is True
        base.chmod(0o755)


def test_old_entries_are_swept(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest first; the cache doesn't grow for ever."""
    monkeypatch.setattr(caches, "_MOST_ENTRIES", 3)
    (cache.folder / "scratch").mkdir(parents=True)  # the oldest, and no entry
    for number in range(6):
        cache.put(b"x", str(number))
        for at, entry in enumerate(sorted(cache.folder.iterdir(), key=os.path.getmtime)):
            os.utime(entry, (at, at))

    left = [number for number in range(6) if cache.get(str(number))]

    assert left == [3, 4, 5]


def test_many_writers_at_once(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """While they sweep each other's entries."""
    monkeypatch.setattr(caches, "_MOST_ENTRIES", 5)
    wrong: list[bytes] = []

    def work(number: int) -> None:
        for step in range(50):
            cache.put(str(step).encode(), str(step % 10))
            found = cache.get(str(step % 10))
            if found is not None and int(found) % 10 != step % 10:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert not [entry for entry in cache.folder.iterdir() if entry.name.startswith(".")]


def test_a_files_key_changes_with_it(tmp_path: Path) -> None:
    """Content, replacement, and edits that hide their time; not by reading it."""
    path = prefixes.write(tmp_path / "file", "one")
    keys = [file_key(path)]
    path.read_text()
    assert file_key(path) == keys[0]

    prefixes.rewrite(path, b"two")
    keys.append(file_key(path))
    other = prefixes.write(tmp_path / "other", "two")
    shutil.copystat(path, other)
    other.rename(path)
    keys.append(file_key(path))
    path.write_text("longer")
    keys.append(file_key(str(path)))

    assert len(set(keys)) == 4


def test_the_key_of_a_file_that_is_gone(tmp_path: Path) -> None:
    """The caller learns of it."""
    with pytest.raises(FileNotFoundError):
        file_key(tmp_path / "gone")
