"""Cells that are watched while they run: what they print, give back, and how they fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.kernels import Kernel

PATIENCE = 30.0


@dataclass
class Cell:
    """A cell that has been sent."""

    kernel: Kernel
    id: str
    printed: str = ""
    result: str | None = None
    error: dict[str, Any] | None = None
    idle: bool = False
    count: int = 0

    @property
    def name(self) -> str:
        """What tracebacks call it."""
        return f"cell {self.count}"

    @property
    def failure(self) -> str:
        """`name: value` of its error, "" without one."""
        return f"{self.error['ename']}: {self.error['evalue']}" if self.error else ""

    @property
    def traceback(self) -> str:
        """Its traceback without colours."""
        lines = "\n".join(self.error["traceback"]) if self.error else ""
        return re.sub(r"\x1b\[[0-9;]*m", "", lines)

    def until(self, happened: Callable[[Cell], bool]) -> Cell:
        """Read messages until something has happened."""
        while not happened(self):
            self._take(self.kernel.client.get_iopub_msg(timeout=PATIENCE))
        return self

    def until_printed(self, text: str) -> Cell:
        """Read messages until this has been printed."""
        return self.until(lambda cell: text in cell.printed)

    def end(self) -> Cell:
        """Read messages until it has ended."""
        self.until(lambda cell: cell.idle)
        reply = self.kernel.client.get_shell_msg(timeout=PATIENCE)
        assert reply["parent_header"]["msg_id"] == self.id
        assert reply["content"]["status"] == ("error" if self.error else "ok")
        return self

    def interrupt(self) -> Cell:
        """Send an interrupt."""
        self.kernel.manager.interrupt_kernel()
        return self

    def _take(self, message: dict[str, Any]) -> None:
        content, kind = message["content"], message["msg_type"]
        if message["parent_header"].get("msg_id") != self.id:
            return
        if kind == "stream":
            self.printed += content["text"]
        elif kind == "execute_result":
            self.result = content["data"]["text/plain"]
        elif kind == "error":
            self.error = content
        elif kind == "execute_input":
            self.count = content["execution_count"]
        elif kind == "status" and content["execution_state"] == "idle":
            self.idle = True


def send(kernel: Kernel, code: str) -> Cell:
    """Start a cell."""
    return Cell(kernel, kernel.client.execute(code))


def run(kernel: Kernel, code: str) -> Cell:
    """Run a cell to its end."""
    return send(kernel, code).end()


def value(kernel: Kernel, expression: str) -> str:
    """What an expression gives."""
    cell = run(kernel, expression)
    assert cell.result is not None, cell.failure
    return cell.result
