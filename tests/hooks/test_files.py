"""Hooks in an environment's files: whole or not at all, and nothing left of them."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from go_kernel.hooks import files, installed, scripts
from go_kernel.hooks.files import ForeignScript, HooksNotWritten
from go_kernel.hooks.installed import State
from go_kernel.hooks.wanted import HookSecret, NotForShells, wanted
from go_kernel.resolve import Target
from tests import prefixes, unprivileged
from tests.hooks.making import environment, hooked


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment without hooks."""
    return prefixes.go_prefix(tmp_path / "envs" / "demo")


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """All that is below a folder: modes and contents."""
    return {
        str(path.relative_to(folder)): (
            stat.S_IMODE(path.lstat().st_mode),
            path.read_bytes() if path.is_file() and not path.is_symlink() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("before", ["nothing", "empty folders", "a package's script"])
def test_removal_leaves_nothing(prefix: Path, before: str) -> None:
    """The environment is as it was, folders that were there before included."""
    if before == "a package's script":
        prefixes.script(prefix, "go.sh", "export A=1\n")
    elif before == "empty folders":
        (prefix / "etc/conda/activate.d").mkdir(parents=True)
    known = tree(prefix)
    hooked(prefix, GOPROXY="off")
    hooked(prefix, GOPROXY="direct")
    assert installed.look(prefix).state is State.CURRENT
    assert len(files.remove(prefix)) == 6
    assert tree(prefix) == known
    assert files.remove(prefix) == ()


def test_again_changes_nothing(prefix: Path) -> None:
    """The same hooks a second time: no file is written."""
    hooked(prefix)
    times = [path.stat().st_mtime_ns for path in sorted(prefix.glob("etc/conda/*/*"))]
    written = files.write(
        wanted(Target("demo", prefix=prefix), {}, {}, "", cache=prefixes.cache(prefix.parent))
    )
    assert written.again
    assert [p.stat().st_mtime_ns for p in sorted(prefix.glob("etc/conda/*/*"))] == times


def test_scripts_are_for_everybody(prefix: Path) -> None:
    """Each file can be read by all, and written by its owner alone."""
    hooked(prefix)
    modes = {stat.S_IMODE((prefix / place).stat().st_mode) for place in scripts.PLACES}
    assert modes == {0o644}


@pytest.mark.parametrize("place", scripts.PLACES)
@pytest.mark.parametrize("kind", ["script", "link", "folder", "pipe"])
def test_what_is_not_ours_stays(prefix: Path, place: str, kind: str) -> None:
    """A file of somebody else's at our place ends it, with nothing changed."""
    path = prefix / place
    path.parent.mkdir(parents=True)
    if kind == "script":
        path.write_text("export A=1\n")
    elif kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    known = [str(one) for one in prefix.rglob("*")]
    for change in (lambda: hooked(prefix), lambda: files.remove(prefix)):
        with pytest.raises(ForeignScript, match="is not of jupyter-gokernel's writing"):
            change()
    assert [str(one) for one in prefix.rglob("*")] == known


def test_a_file_where_a_folder_has_to_be(prefix: Path) -> None:
    """One sentence, and what was made on the way is gone."""
    prefixes.write(prefix / "etc/conda/deactivate.d", "no folder")
    known = tree(prefix)
    with pytest.raises(HooksNotWritten, match=r"The hooks of .* can't be changed: "):
        hooked(prefix)
    assert tree(prefix) == known


def test_folder_that_others_write(prefix: Path) -> None:
    """Our own activation wouldn't run what lies there, so nothing is put there."""
    folder = prefix / "etc/conda/activate.d"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with pytest.raises(HooksNotWritten, match=r"activate\.d is writable by everybody"):
        hooked(prefix)
    assert list(folder.iterdir()) == []


_CHANGE = """
from pathlib import Path
from go_kernel.cache import Cache
from go_kernel.hooks import files, wanted
from go_kernel.resolve import Target
prefix = Path(sys.argv[1])
cache = Cache(prefix.parent / "cache")
target = Target("demo", prefix=prefix)
drop()
said = []
for change in (
    lambda: files.write(wanted.wanted(target, {"GOPROXY": "x"}, {}, "", cache=cache)),
    lambda: files.remove(prefix),
):
    try:
        change()
    except files.HooksNotWritten as error:
        said.append(str(error))
print(json.dumps(said))
"""


def test_read_only_environment() -> None:
    """One sentence that says what to do instead; hooks that are there stay whole."""
    with unprivileged.open_folder() as folder:
        prefix = environment(folder / "demo", GOPROXY="off")
        known = tree(prefix)
        said = unprivileged.run(_CHANGE, prefix)
        assert len(said) == 2
        for one in said:
            assert one.startswith(f"The hooks of {prefix} can't be changed: ")
            assert "Permission denied" in one
            assert f"jupyter gokernel env --env {prefix} --shell sh" in one
        assert tree(prefix) == known


def test_failure_in_the_middle(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up at the fourth file: the earlier hooks are there, whole."""
    hooked(prefix, GOPROXY="old")
    known = tree(prefix)
    real, calls = files.write_atomic, []

    def full(path: Path, data: bytes) -> None:
        calls.append(path)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr(files, "write_atomic", full)
    with pytest.raises(HooksNotWritten, match="No space left on device"):
        hooked(prefix, GOPROXY="new")
    assert tree(prefix) == known


def test_several_at_once(prefix: Path) -> None:
    """Whoever comes last wins, whole: never the scripts of one beside those of another."""
    workers = [
        threading.Thread(target=hooked, args=(prefix,), kwargs={"GOPROXY": f"p{at}"})
        for at in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert installed.look(prefix).state is State.CURRENT


@pytest.mark.parametrize("place", scripts.PLACES)
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_damaged_hooks_are_seen(prefix: Path, place: str, how: str) -> None:
    """Each script counts; installing again mends them, and removing takes what is left."""
    hooked(prefix, GOPROXY="x")
    path = prefix / place
    if how == "missing":
        path.unlink()
    else:
        path.write_text(path.read_text() + "true\n")
    found = installed.look(prefix)
    assert found.state is State.DAMAGED
    assert found.finding is not None
    assert found.finding.remedy is not None
    hooked(prefix, GOPROXY="x")
    assert installed.look(prefix).state is State.CURRENT
    assert len(files.remove(prefix)) == 6


@pytest.mark.parametrize(
    "record",
    [b"", b"# {", b"# []", b'# {"jupyter-gokernel hooks": {"format": 1}}', b"# " + b"[" * 90_000],
)
def test_record_that_says_nothing(prefix: Path, record: bytes) -> None:
    """A first script that was tampered with is damaged hooks, and can be removed."""
    hooked(prefix)
    path = prefix / scripts.place_of("sh")
    mark, _, rest = path.read_bytes().split(b"\n", 2)
    path.write_bytes(mark + b"\n" + record + b"\n" + rest)
    assert installed.look(prefix).state is State.DAMAGED
    assert len(files.remove(prefix)) == 6
    assert not any(prefix.glob("etc/conda/*/*"))


def test_record_that_names_other_folders(prefix: Path) -> None:
    """Only folders of ours are ever removed, whatever a changed script says."""
    hooked(prefix)
    (prefix / "mine").mkdir()
    path = prefix / scripts.place_of("sh")
    text = path.read_text()
    said = json.loads(text.splitlines()[1].removeprefix("# "))
    said["jupyter-gokernel hooks"]["made"] = ["mine", "../.."]
    path.write_text(text.replace(text.splitlines()[1], f"# {json.dumps(said)}"))
    files.remove(prefix)
    assert (prefix / "mine").is_dir()


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("GOPROXY", "https://me:word@proxy.invalid", HookSecret),
        ("MY_TOKEN", "abc", HookSecret),
        ("PATH", "/x", NotForShells),
        ("CONDA_SHLVL", "7", NotForShells),
        ("BASH_ENV", "/x", NotForShells),
    ],
)
def test_what_hooks_may_not_set(
    prefix: Path, name: str, value: str, error: type[Exception]
) -> None:
    """Credentials, which others would read; and what shells and conda need."""
    with pytest.raises(error):
        hooked(prefix, {name: value})
    assert not (prefix / "etc").exists()


def test_policy_wins(prefix: Path) -> None:
    """What the site says of a variable is not what a person says of it."""
    target = Target("demo", prefix=prefix)
    hooks = wanted(
        target,
        {"GOPROXY": "mine"},
        {"GOPROXY": "sites"},
        "--set",
        cache=prefixes.cache(prefix.parent),
    )
    assert [(v.value, v.origin) for v in hooks.variables if v.name == "GOPROXY"] == [
        ("sites", "site policy")
    ]
