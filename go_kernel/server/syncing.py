"""`jupyter gokernel sync` when the server starts: in a process that nobody waits for."""

from __future__ import annotations

import logging
import threading
from typing import IO

from go_kernel import entry
from go_kernel.server.children import Child
from go_kernel.threads import in_thread


class Sync:
    """One run of the command; what it prints goes to the log."""

    def __init__(self, log: logging.Logger):
        self._log = log
        self._child: Child | None = None
        self._unwanted = False
        self._lock = threading.Lock()

    async def run(self) -> None:
        """From the start to the end; a failure is logged."""
        code = await in_thread(self._live)
        if code not in (0, None) and not self._unwanted:
            self._log.warning("gokernel sync: ended with exit code %s", code)

    async def close(self) -> None:
        """End it, if it runs."""
        with self._lock:
            self._unwanted = True
        if self._child is not None:
            await in_thread(self._child.end)

    def _live(self) -> int | None:
        with self._lock:
            if self._unwanted:
                return None
            child = self._child = Child([*entry.command("cli.main"), "sync"], tidying=5.0)
        child.stdin.close()
        complaints = threading.Thread(target=self._tell, args=(child.stderr,), daemon=True)
        complaints.start()
        self._tell(child.stdout)
        complaints.join()
        return child.wait()

    def _tell(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self._log.info("gokernel sync: %s", line.decode("utf-8", "replace").rstrip())
