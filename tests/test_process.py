"""A program that is run ends, with all it started, and every failure is one sentence."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from go_kernel.process import (
    CommandFailed,
    CommandNotFound,
    CommandTimedOut,
    expressible,
    run,
)
from tests import prefixes
from tests.processes import has_ended

ENV = {"PATH": "/usr/bin:/bin"}


def python(code: str, *arguments: object) -> list[str]:
    """An argv that runs Python code."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def test_what_comes_of_a_program() -> None:
    """Both outputs, apart, and the time it took."""
    done = run(["sh", "-c", "echo out; echo err >&2"], env=ENV, timeout=10)

    assert (done.returncode, done.stdout, done.stderr) == (0, "out\n", "err\n")
    assert done.argv == ("sh", "-c", "echo out; echo err >&2")
    assert 0 < done.seconds < 10


def test_arguments_are_no_syntax(tmp_path: Path) -> None:
    """There is no shell; paths and odd characters arrive as they are."""
    words = ["$HOME", "`id`", "a b", "", "*", "'", '"', "\n", os.fsdecode(b"\xff")]
    show = prefixes.program(tmp_path / "a b $x", "#!/bin/sh\nprintf '%s|' \"$@\"\n")

    assert (
        run([show, *words], env=ENV, timeout=10).stdout.encode("utf-8", "replace")
        == "|".join([*words[:-1], "\ufffd", ""]).encode()
    )


def test_the_environment_is_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of ours is inherited."""
    monkeypatch.setenv("SECRET", "x")

    printed = run(["/usr/bin/env"], env={"A": "b", "ODD": "\udcff"}, timeout=10).stdout

    assert printed == "A=b\nODD=\ufffd\n"


def test_stdin_is_empty_and_the_terminal_is_out_of_reach() -> None:
    """Nothing can wait for a person."""
    code = "cat; cat < /dev/tty || echo none"

    assert run(["sh", "-c", code], env=ENV, timeout=10).stdout == "none\n"


def test_the_folder_it_runs_in(tmp_path: Path) -> None:
    """As asked for."""
    assert run(["pwd"], env=ENV, timeout=10, cwd=tmp_path).stdout == f"{tmp_path}\n"


@pytest.mark.parametrize("size", [1 << 22])
def test_more_output_than_a_pipe_holds(size: int) -> None:
    """On both at once, without a line break."""
    code = (
        "import os, threading\n"
        "def write(fd):\n"
        f"    os.write(fd, b'') or [os.write(fd, b'x' * 65536) for _ in range({size} // 65536)]\n"
        "threads = [threading.Thread(target=write, args=(fd,)) for fd in (1, 2)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]"
    )

    done = run(python(code), env=ENV, timeout=60)

    assert (len(done.stdout), len(done.stderr)) == (size, size)


def test_bytes_that_are_no_text() -> None:
    """A compiler may print them."""
    done = run(["printf", r"\377 \303\251"], env=ENV, timeout=10)

    assert done.stdout == "\ufffd é"


def test_lines_are_told_as_they_come() -> None:
    """While the program still runs: it ends only once its first line was heard."""
    heard: list[str] = []
    first = threading.Event()

    def hear(line: str) -> None:
        heard.append(line)
        first.set()

    read, write = os.pipe()
    code = f"echo one >&2; read go <&{read}; printf 'two\\r\\n\\nlast' >&2"
    threading.Thread(target=lambda: first.wait(10) and os.write(write, b"go\n")).start()
    try:
        run(["bash", "-c", code], env=ENV, timeout=20, on_line=hear, pass_fds=(read,))
    finally:
        os.close(read)
        os.close(write)

    assert heard == ["one", "two\r", "", "last"]


# Failures.


def test_a_failing_program_says_its_last_words() -> None:
    """The sentence holds them, the evidence all."""
    with pytest.raises(CommandFailed) as caught:
        run(["sh", "-c", "echo first >&2; echo 'it broke' >&2; exit 3"], env=ENV, timeout=10)

    error = caught.value
    assert "failed with exit code 3: it broke" in str(error)
    assert "\n" not in error.summary
    assert error.evidence == "first\nit broke\n"
    assert (error.returncode, error.id) == (3, "process.failed")
    assert error.finding().status.value == "error"


@pytest.mark.parametrize(
    ("code", "words"),
    [("echo out; exit 1", "out"), ("exit 1", "it printed nothing"), ("kill -9 $$", "code -9")],
)
def test_a_program_that_says_little(code: str, words: str) -> None:
    """Its other output, or that there was none; a signal has a number."""
    with pytest.raises(CommandFailed, match=words):
        run(["sh", "-c", code], env=ENV, timeout=10)


def test_only_the_end_of_a_long_output_is_evidence() -> None:
    """That is where compilers say what went wrong."""
    with pytest.raises(CommandFailed) as caught:
        run(["sh", "-c", "seq 100000 >&2; exit 1"], env=ENV, timeout=20)

    assert len(caught.value.evidence) == 4000
    assert caught.value.evidence.endswith("100000\n")
    assert caught.value.output.startswith("1\n")


def test_a_failure_may_be_an_answer() -> None:
    """For those who look at the exit code themselves."""
    assert run(["sh", "-c", "exit 7"], env=ENV, timeout=10, check=False).returncode == 7


def _missing(folder: Path) -> list[object]:
    return [folder / "nowhere"]


def _not_executable(folder: Path) -> list[object]:
    return [prefixes.write(folder / "text", "echo")]


def _a_folder(folder: Path) -> list[object]:
    return [folder]


def _no_program(folder: Path) -> list[object]:
    return [prefixes.program(folder / "data", b"\0\0")]


def _dead_interpreter(folder: Path) -> list[object]:
    return [prefixes.program(folder / "script", "#!/nowhere/sh\n")]


def _nul(folder: Path) -> list[object]:
    return ["/bin/echo", "a\0b"]


def _half_a_character(folder: Path) -> list[object]:
    return ["/bin/echo", "\ud800"]


def _too_long(folder: Path) -> list[object]:
    return ["/bin/echo", "x" * 3_000_000]


@pytest.mark.parametrize(
    "make",
    [
        *(_missing, _not_executable, _a_folder, _no_program, _dead_interpreter, _nul),
        *(_half_a_character, _too_long),
    ],
)
def test_what_cannot_be_run_is_said_in_one_sentence(make: object, tmp_path: Path) -> None:
    """With the program's name, never as a traceback of another kind."""
    assert callable(make)
    argv = make(tmp_path)

    with pytest.raises(CommandNotFound) as caught:
        run(argv, env=ENV, timeout=10)

    assert caught.value.summary.startswith(f"{argv[0]} cannot be run: ")
    assert caught.value.summary.endswith(".")
    assert "\n" not in caught.value.summary
    assert caught.value.id == "process.not-found"


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x" * 3_000_000])
def test_an_environment_that_no_process_can_have(value: str) -> None:
    """The same; `expressible` tells beforehand, of a single value."""
    with pytest.raises(CommandNotFound):
        run(["/bin/true"], env={"X": value}, timeout=10)

    assert expressible(value) == (len(value) > 10)
    assert expressible("\udcff é \n")


def test_a_folder_to_run_in_that_is_gone_is_named(tmp_path: Path) -> None:
    """It isn't the program that is missing."""
    with pytest.raises(CommandNotFound) as caught:
        run(["/bin/true"], env=ENV, timeout=10, cwd=tmp_path / "gone")

    assert f"{tmp_path}/gone: No such file or directory" in str(caught.value)


# Time limits and what is left.


def test_a_limit_ends_the_program_and_all_it_started(tmp_path: Path) -> None:
    """Also those that hold no pipe of ours and ignore polite signals."""
    pids = tmp_path / "pids"
    code = (
        f"trap '' TERM INT HUP; echo $$ >> {pids}\n"
        f"(trap '' TERM INT HUP; sleep 300 & echo $! >> {pids}; exec > /dev/null 2>&1; wait) &\n"
        "echo said; echo warned >&2; wait"
    )
    begin = time.monotonic()

    with pytest.raises(CommandTimedOut) as caught:
        run(["sh", "-c", code], env=ENV, timeout=0.5)

    assert time.monotonic() - begin < 5
    assert str(caught.value).endswith("was ended after 0.5 s.")
    assert caught.value.evidence == "warned\n"
    ended = [has_ended(int(pid)) for pid in pids.read_text().split()]
    assert ended == [True, True]


def test_a_grandchild_that_holds_the_pipe_counts_against_the_limit(tmp_path: Path) -> None:
    """The program itself has long ended."""
    pid = tmp_path / "pid"

    with pytest.raises(CommandTimedOut):
        run(["sh", "-c", f"sleep 300 & echo $! > {pid}"], env=ENV, timeout=0.5)

    assert has_ended(int(pid.read_text()))


def test_a_grandchild_in_a_session_of_its_own_does_not_keep_us(tmp_path: Path) -> None:
    """It can't be ended with the group; waiting for it would be for ever."""
    code = (
        "import os, sys, time\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "open(sys.argv[1], 'w').write(str(os.getpid()))\n"
        "time.sleep(300)"
    )
    begin = time.monotonic()

    with pytest.raises(CommandTimedOut):
        run(python(code, tmp_path / "pid"), env=ENV, timeout=2)

    assert time.monotonic() - begin < 10
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


_INTERRUPTED = """
import sys
from go_kernel.process import run
try:
    run(["sh", "-c", f"echo $$ > {sys.argv[1]}; sleep 300 & echo $! >> {sys.argv[1]}; "
         "echo ready >&2; wait"], env={"PATH": "/usr/bin:/bin"}, timeout=300,
        on_line=lambda line: print(line, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    """And is handed on."""
    pids = tmp_path / "pids"
    process = subprocess.Popen(
        python(_INTERRUPTED, pids), stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[0] == "interrupted\n"

    assert process.returncode == 0
    assert [has_ended(int(pid)) for pid in pids.read_text().split()] == [True, True]


def test_many_at_once() -> None:
    """From threads, as a server does; no output is mixed up."""
    results: dict[int, str] = {}

    def one(number: int) -> None:
        results[number] = run(["sh", "-c", f"echo {number}"], env=ENV, timeout=60).stdout

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == {number: f"{number}\n" for number in range(20)}


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """Neither after success nor after failure."""
    folder = Path("/dev/fd")
    before = len(list(folder.iterdir()))
    for _ in range(5):
        run(["true"], env=ENV, timeout=10)
        run(["false"], env=ENV, timeout=10, check=False)
        with pytest.raises(CommandNotFound):
            run([tmp_path / "nowhere"], env=ENV, timeout=10)
        with pytest.raises(CommandTimedOut):
            run(["sleep", "60"], env=ENV, timeout=0.01)

    for thread in threading.enumerate():
        if thread.daemon and "_read" in thread.name:
            thread.join(5)
    assert len(list(folder.iterdir())) == before
