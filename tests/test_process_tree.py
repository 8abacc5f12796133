"""Ending real trees of processes, whatever they did to get away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from go_kernel import process_table, process_tree
from go_kernel.process_table import Process
from go_kernel.process_tree import Tree
from tests.processes import has_ended

# Each writes its number into a file and waits; `first` says how it gets away.
STAY = (
    "import os, pathlib, sys, time; {first}; "
    "pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(3600)"
)
DAEMON = "os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0)"
SESSION = "os.setsid()"
GROUP = "os.setpgid(0, 0)"

# A leader that starts the children named on its command line, each `HOW:ENV:FILE`.
LEADER = """
import os, subprocess, sys, time
for child in sys.argv[1:]:
    script, keep, file = child.split("|")
    env = dict(os.environ) if keep == "keep" else {"PATH": "/usr/bin:/bin"}
    subprocess.Popen([sys.executable, "-c", script, file], env=env)
time.sleep(3600)
"""

Start = Callable[..., tuple[Tree, "subprocess.Popen[bytes]", list[int]]]


def child(how: str, *, keep: bool, file: Path) -> str:
    """One child's words on the leader's command line."""
    return f"{STAY.format(first=how)}|{'keep' if keep else 'drop'}|{file}"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start((how, keep), ...)`: a tree, its leader, and the numbers of its children."""
    leaders: list[subprocess.Popen[bytes]] = []
    numbers: list[int] = []
    scratch = str(tmp_path / "scratch")

    def begin(*children: tuple[str, bool]) -> tuple[Tree, subprocess.Popen[bytes], list[int]]:
        files = [tmp_path / f"child-{number}" for number in range(len(children))]
        words = [
            child(how, keep=keep, file=file)
            for (how, keep), file in zip(children, files, strict=True)
        ]
        leader = subprocess.Popen(
            [sys.executable, "-c", LEADER, *words],
            env={**os.environ, "GOKERNEL_SCRATCH": scratch},
            start_new_session=True,
        )
        leaders.append(leader)
        numbers.extend(written(file) for file in files)
        return Tree(leader.pid, scratch), leader, list(numbers)

    yield begin
    for leader in leaders:
        leader.kill()
        leader.wait()
    for number in numbers:
        if process_table.alive(number):
            os.kill(number, 9)


def written(file: Path) -> int:
    """The number in a file that is about to be written."""
    while not (file.exists() and file.read_text()):
        os.sched_yield()
    return int(file.read_text())


WAYS = {
    "a plain child": "pass",
    "a group of its own": GROUP,
    "a session of its own": SESSION,
    "a daemon": DAEMON,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_child_of_a_killed_kernel_ends(way: str, start: Start) -> None:
    """The kernel is dead before anybody looks: its children have no parent any more."""
    tree, leader, (pid,) = start((WAYS[way], True))
    leader.kill()
    os.waitid(os.P_PID, leader.pid, os.WEXITED | os.WNOWAIT)

    tree.end()

    assert has_ended(pid, seconds=0)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "a daemon"])
def test_a_child_without_its_environment_ends(way: str, start: Start) -> None:
    """Who threw away the environment is known from a look at the living kernel's tree."""
    tree, leader, (pid,) = start((WAYS[way], False))
    tree.look()
    leader.kill()
    os.waitid(os.P_PID, leader.pid, os.WEXITED | os.WNOWAIT)

    tree.end()

    assert has_ended(pid, seconds=0)


def test_all_of_a_tree_end_at_once(start: Start) -> None:
    """Every kind of child together, and the kernel is reaped before."""
    ways = [(how, True) for how in WAYS.values()]
    tree, leader, pids = start(*ways)
    leader.kill()
    leader.wait()

    tree.end()

    assert [pid for pid in pids if not has_ended(pid, seconds=0)] == []


def test_descendants_of_a_daemon_end(start: Start, tmp_path: Path) -> None:
    """A daemon's own child has another session, another parent and no environment."""
    inner = tmp_path / "inner"
    spawn = (
        f"{DAEMON}; import subprocess; subprocess.Popen(['/bin/sh', '-c', "
        f"'echo $$ > {inner}; exec sleep 3600'], env={{'PATH': '/usr/bin:/bin'}}, "
        "start_new_session=True)"
    )
    tree, leader, (daemon,) = start((spawn, True))
    grandchild = written(inner)
    leader.kill()
    leader.wait()

    tree.end()

    assert has_ended(daemon, seconds=0)
    assert has_ended(grandchild, seconds=0)


def test_others_live_on(start: Start) -> None:
    """Another kernel's tree, our own process and its ancestors are nobody's business."""
    tree, leader, _ = start(("pass", True))
    other = subprocess.Popen(
        ["/bin/sleep", "3600"], env={"GOKERNEL_SCRATCH": "/another"}, start_new_session=True
    )
    leader.kill()
    leader.wait()

    tree.end()

    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_number_that_became_anothers_is_spared() -> None:
    """A process that only has the number of one that is to be ended lives on."""
    other = subprocess.Popen(["/bin/sleep", "3600"])
    now = process_table.identity(other.pid)
    assert now is not None

    descriptor = process_tree._kill_one(Process(other.pid, now.started - 1))

    if descriptor is not None:
        os.close(descriptor)
    assert other.poll() is None
    other.kill()
    other.wait()


def test_our_own_process_is_never_in_a_tree() -> None:
    """Even where the kernel's folder is in our own environment."""
    own = process_table.identity(os.getpid())
    assert own is not None
    script = (
        "import os\n"
        "from go_kernel.process_tree import Tree\n"
        "Tree(os.getpid(), os.environ['GOKERNEL_SCRATCH']).end()\n"
        "print('alive')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "GOKERNEL_SCRATCH": "/mine", "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert done.stdout == "alive\n"


def test_a_name_with_parentheses_is_read(tmp_path: Path) -> None:
    """A process may call itself what it likes, spaces and parentheses included."""
    program = tmp_path / "a) R 1 (b"
    program.symlink_to("/bin/sleep")
    odd = subprocess.Popen([program, "3600"])
    try:
        found = process_table.alive(odd.pid)
        assert found is not None
        assert found.parent == os.getpid()
        assert found.session == os.getsid(odd.pid)
    finally:
        odd.kill()
        odd.wait()
    assert process_table.alive(odd.pid) is None


def test_a_zombie_is_known_and_does_not_run() -> None:
    """Who has ended and isn't reaped keeps number and start, and is no longer alive."""
    dead = subprocess.Popen(["/bin/true"])
    before = process_table.identity(dead.pid)
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)

    assert process_table.alive(dead.pid) is None
    assert process_table.identity(dead.pid) == before
    dead.wait()


def test_a_process_whose_first_thread_is_gone_runs() -> None:
    """It looks like a zombie while other threads are at it, as each does that is being killed."""
    program = (
        "import ctypes, threading, time; "
        "threading.Thread(target=time.sleep, args=(3600,)).start(); "
        "ctypes.pythonapi.pthread_exit(None)"
    )
    headless = subprocess.Popen([sys.executable, "-c", program])
    try:
        while _state(headless.pid) != "Z":
            assert headless.poll() is None
        assert process_table.alive(headless.pid) is not None
    finally:
        headless.kill()
        headless.wait()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
