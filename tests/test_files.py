"""Files are written whole or not at all, and nobody's are believed who shouldn't be."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel import files
from tests import prefixes, unprivileged


def mode_of(path: Path) -> int:
    """Its permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
@pytest.mark.parametrize("umask", [0o022, 0o077, 0])
def test_a_file_has_the_mode_that_was_asked_for(mode: int, umask: int, tmp_path: Path) -> None:
    """Whatever the umask, new or replaced."""
    path = prefixes.write(tmp_path / "file", "old", mode=0o666)
    before = os.umask(umask)
    try:
        files.write_atomic(path, "new ✓", mode=mode)
        files.write_atomic(tmp_path / "other", b"\xff", mode=mode)
    finally:
        os.umask(before)

    assert (path.read_text(), (tmp_path / "other").read_bytes()) == ("new ✓", b"\xff")
    assert mode_of(path) == mode_of(tmp_path / "other") == mode


def test_a_secret_is_never_readable_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Private before the first byte is in it."""
    seen: list[int] = []
    real = os.fdopen

    def watched(descriptor: int, mode: str):  # type: ignore[no-untyped-def]
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return real(descriptor, mode)

    monkeypatch.setattr(os, "fdopen", watched)
    files.write_atomic(tmp_path / "secret", "x", mode=0o600)

    assert seen == [0o600]


def test_a_reader_sees_the_old_or_the_new(tmp_path: Path) -> None:
    """Never half of one, while a writer goes on and on."""
    path = tmp_path / "file"
    contents = [character * 100_000 for character in "ab"]
    files.write_atomic(path, contents[0])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for content in contents:
                files.write_atomic(path, content)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert {path.read_text() for _ in range(300)} <= set(contents)
    finally:
        stop.set()
        writer.join()
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    """Neither a half file nor a temporary one; the old one stays."""
    (tmp_path / "folder/full").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        files.write_atomic(tmp_path / "folder", "x")
    with pytest.raises(FileNotFoundError):
        files.write_atomic(tmp_path / "nowhere/file", "x")
    with pytest.raises(UnicodeEncodeError):
        files.write_atomic(tmp_path / "text", "\ud800")

    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_hard_linked_file_is_replaced_not_written_into(tmp_path: Path) -> None:
    """conda's package cache and all other environments share the old one."""
    shared = prefixes.write(tmp_path / "cache", "old")
    os.link(shared, tmp_path / "mine")

    files.write_atomic(tmp_path / "mine", "new")

    assert shared.read_text() == "old"


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """Nobody can have us write somewhere else."""
    target = prefixes.write(tmp_path / "target", "old")
    (tmp_path / "link").symlink_to(target)

    files.write_atomic(tmp_path / "link", "new")

    assert target.read_text() == "old"
    assert (tmp_path / "link").read_text() == "new"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=_JSON)
def test_json_comes_back(value: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any of it."""
    path = tmp_path_factory.getbasetemp() / "value.json"

    files.write_json(path, value)

    assert files.read_json(path) == value


def test_json_can_be_read_by_people(tmp_path: Path) -> None:
    """Indented, with their own letters."""
    files.write_json(tmp_path / "x", {"name": "ünï"})

    assert (tmp_path / "x").read_text() == '{\n  "name": "ünï"\n}\n'


def test_json_with_a_path_that_is_no_utf8(tmp_path: Path) -> None:
    """It is written as valid JSON and comes back as it was."""
    value = {"prefix": os.fsdecode(b"/envs/\xff"), "name": "ünï"}

    files.write_json(tmp_path / "x", value)

    assert files.read_json(tmp_path / "x") == value
    assert json.loads((tmp_path / "x").read_bytes().decode("utf-8")) == value


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 10_000, b"\0"])
def test_what_is_no_json_is_nothing(content: bytes, tmp_path: Path) -> None:
    """The same as no file."""
    assert files.read_json(prefixes.write(tmp_path / "x", content)) is None


def test_what_is_no_file_is_nothing(tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes to, a loop, a name too long, a NUL."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")

    for name in ("", "gone", "pipe", "loop", "x" * 5000, "a\0b"):
        path = tmp_path / name
        assert files.read_json(path) is None
        assert not files.is_file(path)
        assert files.is_folder(path) == (name == "")
        assert files.exists(path) == (name in ("", "pipe"))


_LOOKS = """
from pathlib import Path
from go_kernel import files
path = Path(sys.argv[1])
drop()
print(json.dumps([files.exists(path), files.is_file(path), files.is_folder(path),
                  files.read_json(path), files.foreign_writer(path)]))
"""


def test_what_may_not_be_seen_is_not_there() -> None:
    """And isn't trusted either."""
    with unprivileged.open_folder() as base:
        path = prefixes.write(base / "closed/file", "{}")
        path.parent.chmod(0o700 if os.geteuid() == 0 else 0)
        looks = unprivileged.run(_LOOKS, path)

    assert looks == [False, False, False, None, "cannot be examined (Permission denied)"]


def test_a_private_folder(tmp_path: Path) -> None:
    """For its owner alone, whatever the umask; one that is there isn't touched."""
    before = os.umask(0)
    try:
        made = files.private_folder(tmp_path / "a/b/c")
    finally:
        os.umask(before)
    (tmp_path / "open").mkdir(mode=0o755)

    assert mode_of(made) == 0o700
    assert mode_of(files.private_folder(tmp_path / "open")) == 0o755


TRUST = {
    0o600: "",
    0o755: "",
    0o2755: "",
    0o1755: "",
    0o602: "is writable by everybody",
    0o777: "is writable by everybody",
    0o1777: "is writable by everybody",
    0o666: "is writable by everybody",
}


@pytest.mark.parametrize("mode", TRUST)
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_who_could_have_written_it(kind: str, mode: int, tmp_path: Path) -> None:
    """By its mode; a sticky folder takes everybody's files, so it is no better."""
    path = tmp_path / "x"
    path.mkdir() if kind == "folder" else path.write_text("")
    path.chmod(mode)

    assert files.foreign_writer(path) == TRUST[mode]
    assert files.foreign_writer(path, any_owner=True) == TRUST[mode]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(
    ("uid", "gid", "mode", "expected", "any_owner", "with_owner"),
    [
        (0, 0, 0o644, "", "", ""),
        (0, 0, 0o664, "", "", ""),
        (4711, 4711, 0o644, "belongs to user 4711", "", ""),
        (4711, 4711, 0o664, "belongs to user 4711", "", ""),
        (4712, 4711, 0o644, "belongs to user 4712", "", "belongs to user 4712"),
        (4711, 100, 0o664, "belongs to user 4711", *["is writable by group 100"] * 2),
        (0, 100, 0o664, *["is writable by group 100"] * 3),
        (0, 100, 0o644, "", "", ""),
    ],
)
def test_whose_it_is(
    uid: int, gid: int, mode: int, expected: str, any_owner: str, with_owner: str, tmp_path: Path
) -> None:
    """Root's, ours, a named person's or anybody's, as the caller says; groups are others."""
    path = prefixes.write(tmp_path / "x", "")
    os.chown(path, uid, gid)
    path.chmod(mode)

    assert files.foreign_writer(path) == expected
    assert files.foreign_writer(path, any_owner=True) == any_owner
    assert files.foreign_writer(path, owner=4711) == with_owner


# Accounts as a machine may have them; a test can't make any without becoming root of a house.
ACCOUNTS = {4321: "ada", 0: "root"}
GROUPS = {
    "her own": (4321, "ada", [], ""),
    "her own, with root": (4321, "ada", ["root"], ""),
    "hers with a guest": (4321, "ada", ["bob"], "is writable by group 4321"),
    "everybody's primary one": (4321, "students", [], "is writable by group 4321"),
    "one without a name": (4321, "", [], "is writable by group 4321"),
    "root's": (0, "root", [], "is writable by group 0"),
}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("kind", GROUPS)
def test_a_group_is_its_owners_by_its_name(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number may be a user's by chance, and its list leaves out whose primary one it is."""
    number, name, members, expected = GROUPS[kind]
    group = SimpleNamespace(gr_name=name, gr_mem=members)
    monkeypatch.setattr(
        files.pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name=ACCOUNTS[uid], pw_uid=uid)
    )
    monkeypatch.setattr(files.grp, "getgrgid", lambda gid: group if name else {}[gid])
    path = prefixes.write(tmp_path / "x", "")
    os.chown(path, 4321, number)
    path.chmod(0o664)

    assert files.foreign_writer(path, owner=4321) == expected
    if number:  # root's group is root's own
        assert files.more_writers(path, path.stat(), mine=True) == expected


def test_what_cannot_be_examined_is_not_trusted(tmp_path: Path) -> None:
    """Gone, a loop, a name that is none."""
    (tmp_path / "loop").symlink_to("loop")

    for name in ("gone", "loop", "x" * 5000, "a\0b"):
        assert files.foreign_writer(tmp_path / name).startswith("cannot be examined (")
