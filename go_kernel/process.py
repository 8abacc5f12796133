"""Where this project starts other programs and waits for them.

One function: an argv and an environment go in, a plain value or a typed error
comes out.  Never a shell, never an inherited environment, always a time limit,
and when the limit runs out the whole process group ends, not just its leader.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from go_kernel.findings import GoKernelError

# What is kept of an error's output: the end, where compilers say what went wrong.
_EVIDENCE_CHARACTERS = 4000


class _Running:
    """The programs that are waited for, until the interpreter ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: set[subprocess.Popen[bytes]] = set()
        self._over = False

    @contextmanager
    def holding(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Count it in; one that was started too late is ended at once."""
        with self._lock:
            self._all.add(process)
            if self._over:
                _kill_group(process)
        try:
            yield
        finally:
            with self._lock:
                self._all.discard(process)

    def end(self) -> None:
        with self._lock:
            self._over = True
            for process in self._all:
                _kill_group(process)


_running = _Running()


@dataclass(frozen=True)
class Completed:
    """What came of a process: its argv, exit code, both outputs, and seconds taken."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    seconds: float


class CommandError(GoKernelError):
    """Base of the ways in which a started program lets us down."""

    def __init__(self, argv: Sequence[str], summary: str, output: str = ""):
        super().__init__(summary, evidence=output[-_EVIDENCE_CHARACTERS:])
        self.argv = tuple(argv)
        self.output = output


class CommandNotFound(CommandError):
    """The program isn't there or may not be executed."""

    id = "process.not-found"

    def __init__(self, argv: Sequence[str], reason: str):
        super().__init__(argv, f"{argv[0]} cannot be run: {reason}.")
        self.reason = reason


class CommandFailed(CommandError):
    """The program ended with another exit code than 0."""

    id = "process.failed"

    def __init__(self, completed: Completed):
        output = completed.stderr or completed.stdout
        last = output.strip().splitlines()[-1:] or ["it printed nothing"]
        super().__init__(
            completed.argv,
            f"{_spoken(completed.argv)} failed with exit code {completed.returncode}: {last[0]}",
            output,
        )
        self.returncode = completed.returncode


class CommandTimedOut(CommandError):
    """The program ran longer than it was given, and was ended."""

    id = "process.timed-out"

    def __init__(self, argv: Sequence[str], seconds: float, output: str):
        super().__init__(argv, f"{_spoken(argv)} was ended after {seconds:g} s.", output)
        self.seconds = seconds


def expressible(value: str) -> bool:
    """Whether a process can be given this text as a variable's value: JSON can hold more."""
    try:
        return b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


def _spoken(argv: Sequence[str]) -> str:
    return " ".join([Path(argv[0]).name, *argv[1:3]])


def _reason(error: OSError | ValueError, program: str) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    # A folder to run in that isn't there fails in the same way as a program that isn't.
    filename = getattr(error, "filename", None)
    return reason if filename in (None, program) else f"{filename}: {reason}"


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    timeout: float,
    cwd: Path | str | None = None,
    check: bool = True,
    on_line: Callable[[str], None] | None = None,
    pass_fds: Sequence[int] = (),
    stdin: int = subprocess.DEVNULL,
) -> Completed:
    """Run a program to its end.

    `env` is the whole environment of the child; `timeout` is in seconds; `on_line`
    is called with each line of stderr as it comes (from a thread of its own).
    The child reads the descriptor `stdin`, by default nothing, and leads a session of its own.

    Raises `CommandNotFound`, `CommandTimedOut`, and, with `check`, `CommandFailed`.
    """
    command = [str(part) for part in argv]
    timeout = min(timeout, threading.TIMEOUT_MAX)  # more, and waiting itself would fail
    begin = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=pass_fds,
        )
    except (OSError, ValueError) as error:
        raise CommandNotFound(command, _reason(error, command[0])) from error
    try:
        stdout, stderr = _Reader(process.stdout), _Reader(process.stderr, on_line)
        with _running.holding(process):
            process.wait(timeout)
            # A child of the child may hold the pipe open: the same limit counts for it.
            left = max(0.1, timeout - (time.monotonic() - begin))
            finished = stdout.join(left) and stderr.join(left)
    except subprocess.TimeoutExpired:
        finished = False
    except BaseException:  # Ctrl-C above all: nothing of ours stays behind
        end_group(process)
        raise
    if not finished:
        end_group(process)
        raise CommandTimedOut(command, timeout, stderr.text() or stdout.text())
    completed = Completed(
        tuple(command),
        process.returncode,
        stdout.text(),
        stderr.text(),
        time.monotonic() - begin,
    )
    if check and completed.returncode != 0:
        raise CommandFailed(completed)
    return completed


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that leads its own session, and all that it started, and reap it."""
    _kill_group(process)
    process.wait()


def end_all() -> None:
    """Kill all that `run` waits for, and whatever it starts from now on.

    For the end of the interpreter: threads that wait for programs would end before them.
    """
    _running.end()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


class _Reader:
    """Collects one pipe in a thread, so that a full pipe never blocks the child."""

    def __init__(self, pipe: IO[bytes] | None, on_line: Callable[[str], None] | None = None):
        assert pipe is not None
        self._pipe = pipe
        self._on_line = on_line
        self._lines: list[bytes] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._pipe:
            for line in self._pipe:
                self._lines.append(line)
                if self._on_line:
                    self._on_line(line.decode(errors="replace").rstrip("\n"))

    def join(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def text(self) -> str:
        return b"".join(list(self._lines)).decode(errors="replace")
