"""Worker processes: started, listened to, and ended with all that they started.

Each is waited for in a thread of its own: the shared ones belong to kernels' launches.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import IO, Any

from go_kernel.process_tree import Tree
from go_kernel.server.errors import Told, WorkerDied

# For a fix to put away what it has begun, in seconds.
_TIDYING = 5.0
_LOGGED_LINES = 50

Line = Mapping[str, Any]


class Worker:
    """One request to a worker process; `hear` is called on the loop with each line."""

    def __init__(self, request: Mapping[str, object], hear: Callable[[Line], None]):
        self.request = request
        self.printed: deque[str] = deque(maxlen=_LOGGED_LINES)
        self._hear = hear
        self._process: subprocess.Popen[bytes] | None = None
        self._tree: Tree | None = None
        self._lock = threading.Lock()
        self._unwanted = False

    async def run(self, seconds: float) -> None:
        """From the start to the end; raises Told, WorkerDied, and TimeoutError.

        A worker that takes longer, or whose caller is cancelled, ends.
        """
        live = asyncio.ensure_future(in_thread(self._live, asyncio.get_running_loop()))
        try:
            await asyncio.wait_for(asyncio.shield(live), seconds)
        except BaseException:
            await asyncio.shield(in_thread(self.end))
            with suppress(Exception):
                await live
            raise

    def end(self) -> None:
        """End the process and all below it; returns once they are gone."""
        with self._lock:
            self._unwanted = True
            process, tree = self._process, self._tree
        if process is None or tree is None or process.returncode is not None:
            return
        if self.request["action"] == "fix":
            tree.look()  # while parents can be told
            _signal(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_TIDYING)
        if process.returncode is None:
            _signal(process, signal.SIGSTOP)  # so that it starts nobody between look and end
            tree.look()
            _signal(process, signal.SIGKILL)
        tree.end()
        process.wait()

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        process = self._start()
        if process is None:
            return
        stdin, stdout, stderr = (_there(pipe) for pipe in _pipes(process))
        drain = threading.Thread(target=self._drain, args=(stderr,), daemon=True)
        drain.start()
        try:
            with suppress(BrokenPipeError):
                stdin.write(json.dumps(self.request).encode() + b"\n")
                stdin.flush()  # and kept open: the worker lives as long as we do
            if not self._listen(stdout, loop):
                raise WorkerDied(process.wait())
        finally:
            for pipe in (stdin, stdout):
                with suppress(BrokenPipeError):
                    pipe.close()
            process.wait()
            drain.join(_TIDYING)

    def _listen(self, stdout: IO[bytes], loop: asyncio.AbstractEventLoop) -> bool:
        for raw in stdout:
            line = json.loads(raw)
            if "error" in line:
                raise Told(line["error"])
            if "done" in line:
                return True
            with suppress(RuntimeError):  # the loop has ended before us
                loop.call_soon_threadsafe(self._hear, line)
        return False

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._unwanted:
                return None
            # Not in the notebooks' folder, whose files Python would take for modules.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "go_kernel.health.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(os.environ),
                cwd="/",
                start_new_session=True,
            )
            self._tree = Tree(self._process.pid, "")
            return self._process

    def _drain(self, stderr: IO[bytes]) -> None:
        with stderr:
            for line in stderr:
                self.printed.append(line.decode("utf-8", "replace").rstrip("\n"))


def _pipes(process: subprocess.Popen[bytes]) -> Iterator[IO[bytes] | None]:
    yield from (process.stdin, process.stdout, process.stderr)


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


async def in_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    """What a call gives back, made in a thread of its own that keeps nobody from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def work() -> None:
        result, failed = None, None
        try:
            result = call(*arguments)
        except BaseException as error:
            failed = error
        with suppress(RuntimeError):  # the loop has ended before us
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=work, daemon=True).start()
    return await future
