"""What a repair exchanges is all new or all old, whenever it is killed."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from go_kernel.project.repair import content, swap
from go_kernel.project.repair.errors import Busy, Changed, Unrestorable, Unwritable
from go_kernel.project.repair.journal import FOLDER
from go_kernel.project.repair.swap import Change
from tests import unprivileged
from tests.prefixes import write
from tests.project.repairing import Tree, tree


def project(base: Path) -> Path:
    """A project with old files, one of them without rights for others, and no go.sum."""
    root = base / "project"
    write(root / "go.mod", "old\n", mode=0o640)
    write(root / "vendor" / "modules.txt", "old\n", mode=0o444)
    write(root / "vendor" / "a" / "a.go", "package a\n")
    (root / "vendor" / "link").symlink_to("a")
    write(root / "main.go", "package main\n")
    for number, path in enumerate(sorted(root.rglob("*"))):
        os.utime(path, ns=(number, 1_000_000_000 + number), follow_symlinks=False)
    return root


def changes(base: Path, root: Path) -> list[Change]:
    """All three become others."""
    new = base / "new"
    write(new / "go.mod", "new\n")
    write(new / "go.sum", "new\n")
    write(new / "vendor" / "modules.txt", "new\n")
    names = ("go.mod", "go.sum", "vendor")
    return [Change(name, new / name, content.digest(root / name)) for name in names]


def seen(found: Tree) -> dict[str, bytes]:
    """Contents alone."""
    return {name: data for name, (_, _, data) in found.items()}


# One process that forks another for each job: starting Python each time takes longer.
_KILLED = """
import json, os, signal, sys
from pathlib import Path
from go_kernel.project.repair import swap

def work(root, number, wanted, prove):
    left = [number]
    def die(event, args):
        if event in ("os.rename", "os.remove", "os.rmdir", "os.link", "os.mkdir"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    def worse():
        if prove == "worse":
            raise ValueError("worse")
    sys.addaudithook(die)
    if not wanted:
        return swap.restore(Path(root))
    try:
        swap.exchange(Path(root), {}, [swap.Change(n, Path(p), w) for n, p, w in wanted], worse)
    except ValueError:
        pass

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(*json.loads(line))
            code = 0
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Killed = Callable[..., bool]


@pytest.fixture(scope="module")
def killed() -> Iterator[Killed]:
    """`killed(root, n, changes, prove)`: exchange (with no changes: restore), and be killed at
    the file system's n-th change; whether it came to that."""
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        def call(root: Path, number: int, wanted: list[Change], prove: str = "") -> bool:
            assert process.stdin
            assert process.stdout
            said = [[one.name, str(one.new), one.was] for one in wanted]
            process.stdin.write(json.dumps([str(root), number, said, prove]) + "\n")
            process.stdin.flush()
            code = int(process.stdout.readline())
            assert code in (0, -signal.SIGKILL)
            return code != 0

        yield call
        process.stdin.close()


@pytest.mark.parametrize("prove", ["", "worse"])
def test_killed_anywhere(tmp_path: Path, killed: Killed, prove: str) -> None:
    """Then all is old, or (at the very end) all is new; the next one puts it back."""
    restored = number = 0
    while True:
        number += 1
        base = tmp_path / str(number)
        root = project(base)
        before, wanted = tree(root), changes(base, root)
        if not killed(root, number, wanted, prove):
            break
        if swap.is_interrupted(root):
            restored += 1
            swap.restore(root)
            assert not swap.is_interrupted(root)
        here = {name: one for name, one in tree(root).items() if not name.startswith(FOLDER)}
        is_new = here["go.mod"][2] == b"new\n"
        if is_new and not prove:
            assert (
                seen(here).items() >= {"go.sum": b"new\n", "vendor/modules.txt": b"new\n"}.items()
            )
        else:
            assert here == before
    assert restored >= 4
    assert not (root / FOLDER).exists()
    if prove:
        assert tree(root) == before


def test_killed_while_restoring(tmp_path: Path, killed: Killed) -> None:
    """Restoring can be begun anew wherever it was interrupted."""
    number, went_on, end = 0, 0, _at_the_end(killed, tmp_path)
    while True:
        number += 1
        base = tmp_path / str(number)
        root = project(base)
        before, wanted = tree(root), changes(base, root)
        assert killed(root, end, wanted)
        assert swap.is_interrupted(root)
        if not killed(root, number, []):
            break
        if swap.is_interrupted(root):
            went_on += 1
            swap.restore(root)
        here = {name: one for name, one in tree(root).items() if not name.startswith(FOLDER)}
        assert here == before
    assert went_on >= 3


def _at_the_end(killed: Killed, base: Path) -> int:
    """The last change at which a kill leaves something to put back: the journal's removal."""
    found = 0
    for number in range(1, 100):
        root = project(base / f"end-{number}")
        if not killed(root, number, changes(root.parent, root)):
            return found
        found = number if swap.is_interrupted(root) else found
    raise AssertionError("it never ends")


def test_what_a_dead_one_left_is_swept(tmp_path: Path, killed: Killed) -> None:
    """Who was killed before anything changed is in nobody's way."""
    root = project(tmp_path)
    wanted = changes(tmp_path, root)
    assert killed(root, 4, wanted)
    assert not swap.is_interrupted(root)
    assert (root / FOLDER).exists()
    swap.exchange(root, {}, wanted, lambda: None)
    assert not (root / FOLDER).exists()
    assert (root / "go.mod").read_text() == "new\n"
    assert (root / "go.mod").stat().st_mode & 0o777 == 0o640


def test_two_at_once(tmp_path: Path) -> None:
    """The second is told; the first goes on undisturbed."""
    root = project(tmp_path)
    wanted = changes(tmp_path, root)

    def second() -> None:
        assert not swap.is_interrupted(root)
        for name in (root, root):
            with pytest.raises(Busy, match="is being repaired by another process"):
                swap.exchange(name, {}, wanted, lambda: None)
        with pytest.raises(Busy):
            swap.restore(root)

    swap.exchange(root, {}, wanted, second)
    assert (root / "go.mod").read_text() == "new\n"
    assert not (root / FOLDER).exists()


def test_edited_after_the_kill(tmp_path: Path, killed: Killed) -> None:
    """What somebody wrote since is not overwritten by what was there before."""
    root = project(tmp_path)
    assert killed(root, _at_the_end(killed, tmp_path), changes(tmp_path, root))
    (root / "go.mod").write_text("mine\n")
    before = tree(root)
    with pytest.raises(Unrestorable, match=r"rm -r .*\.gokernel-repair"):
        swap.restore(root)
    assert {**tree(root), f"{FOLDER}/lock": b""} == {**before, f"{FOLDER}/lock": b""}


@pytest.mark.parametrize(
    "journal",
    [
        "[",
        "{}",
        '[{"name": "../x", "old": "", "new": "", "is_folder": true}]',
        '[{"name": ".git", "old": "", "new": "", "is_folder": true}]',
        '[{"name": "a/b", "old": "", "new": "", "is_folder": true}]',
        '[{"name": "a", "old": 1, "new": "", "is_folder": true}]',
        "[" * 100_000,
    ],
)
def test_a_journal_that_is_not_ours(tmp_path: Path, journal: str) -> None:
    """It leads nobody anywhere, and stays for somebody to look at."""
    root = project(tmp_path)
    write(root / FOLDER / "journal.json", journal)
    write(root / FOLDER / "lock", "")
    before = tree(root)
    assert not swap.is_interrupted(root)
    with pytest.raises(Unrestorable):
        swap.exchange(root, {}, changes(tmp_path, root), lambda: None)
    assert tree(root) == before


def test_a_change_of_what_was_seen(tmp_path: Path) -> None:
    """Files that the changes follow from must be as they were."""
    root = project(tmp_path)
    before = tree(root)
    with pytest.raises(Changed, match=r"main\.go changed while"):
        swap.exchange(root, {"main.go": "other"}, changes(tmp_path, root), lambda: None)
    assert tree(root) == before


_READ_ONLY = """
from pathlib import Path
from go_kernel.project.repair import swap
from go_kernel.project.repair.errors import Unwritable
root = Path(sys.argv[1])
drop()
try:
    swap.exchange(root, {}, [], lambda: None)
except Unwritable as error:
    print(json.dumps(str(error)))
"""


def test_without_the_right_to_write() -> None:
    """One sentence names the place."""
    with unprivileged.open_folder() as folder:
        said = unprivileged.run(_READ_ONLY, folder)
    assert said == (
        f"{folder}/{FOLDER} can't be changed: Permission denied. "
        "Let somebody who may write there do it, and check again."
    )


def test_a_disk_that_refuses_in_the_middle(tmp_path: Path) -> None:
    """What was exchanged by then is put back."""
    root = project(tmp_path)
    before, wanted = tree(root), changes(tmp_path, root)

    def refuse() -> None:
        raise OSError(28, "No space left on device", str(root))

    with pytest.raises(Unwritable, match="No space left on device"):
        swap.exchange(root, {}, wanted, refuse)
    assert tree(root) == before


def test_a_disk_that_refuses_many_files(tmp_path: Path) -> None:
    """That is said once, of the project, and not for each file of the copy."""
    root = project(tmp_path)
    before, wanted = tree(root), changes(tmp_path, root)
    for number in range(30):
        write(tmp_path / "new" / "vendor" / f"{number}.go", "package a\n" * 100)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
    try:
        with pytest.raises(Unwritable) as caught:
            swap.exchange(root, {}, wanted, lambda: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.summary == f"{root} can't be changed: File too large."
    assert tree(root) == before
    full = Unwritable(root, OSError(28, "No space left on device", str(root / "go.sum")))
    assert str(full) == (
        f"{root} can't be changed: No space left on device. Make room on its disk, and check again."
    )


def test_by_root_in_somebody_s_project(tmp_path: Path) -> None:
    """What root repairs stays its owner's, new files included."""
    if os.geteuid() != 0:
        return  # only root could give files away
    root = project(tmp_path)
    for path in (root, *root.rglob("*")):
        os.chown(path, unprivileged.NOBODY, unprivileged.NOBODY, follow_symlinks=False)
    swap.exchange(root, {}, changes(tmp_path, root), lambda: None)
    assert {path.lstat().st_uid for path in root.rglob("*")} == {unprivileged.NOBODY}
    assert (root / "go.sum").read_text() == "new\n"
