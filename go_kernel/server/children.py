"""Processes that the server starts: ended with all that they started, in whatever way."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from go_kernel.process_tree import Tree

# As `nice` has it: 0 is everybody's, 19 the last of all.
_PRIORITY = 5
# Between two looks at who belongs to a child, in seconds; longer where a look takes long.
_PAUSE = 0.5
_PAUSES_PER_LOOK = 50


class Child:
    """A process that leads a session of its own; `tidying` is how many seconds it gets
    to put away what it has begun when it is told to end.
    """

    def __init__(self, argv: Sequence[str], *, tidying: float = 0.0):
        # Not in the notebooks' folder, whose go.mod would be taken for this process's.
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(os.environ),
            cwd="/",
            start_new_session=True,
        )
        # Whoever types comes first; a machine that has nothing else to do is no slower.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _PRIORITY)
        self._tree = Tree(self._process.pid, "")
        self._tidying = tidying
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._looked = False
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def stdin(self) -> IO[bytes]:
        """What the process reads."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """What it writes."""
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def stderr(self) -> IO[bytes]:
        """What it complains of."""
        assert self._process.stderr is not None
        return self._process.stderr

    def look(self) -> None:
        """Remember whom it has started, to end them should it be killed: they lose their parent."""
        self._looked = True
        self._tree.look()

    def wait(self) -> int:
        """Wait for its end, and end whom it left behind; its exit code."""
        code = self._process.wait()
        self._over.set()
        # One that ends by itself within the first moments has ended all others, too.
        if code < 0 or self._looked:
            with self._lock:
                self._tree.end()
        return code

    def end(self) -> None:
        """End it and all below it; returns once they are gone."""
        with self._lock:
            self._over.set()
            if self._tidying and self._process.poll() is None:
                self._tree.look()  # while parents can be told
                self._process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(self._tidying)
            if self._process.poll() is None:
                # Stopped first, so that it starts nobody between the look and its end.
                self._process.send_signal(signal.SIGSTOP)
                self._tree.look()
                self._process.kill()
            self._tree.end()
            self._process.wait()

    def _watch(self) -> None:
        pause = _PAUSE
        while not self._over.wait(pause):
            began = time.monotonic()
            self.look()
            pause = max(_PAUSE, (time.monotonic() - began) * _PAUSES_PER_LOOK)
