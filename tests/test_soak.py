"""A thousand cells with interrupts, errors and restarts in any order: state is what a model says.

The order is another one each time; GOKERNEL_SOAK_SEED repeats one, GOKERNEL_SOAK_CELLS
makes it longer.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import CondaPrefix
from tests.kernels import TIMEOUT, CellFailed, Kernel, install, running

CELLS = int(os.environ.get("GOKERNEL_SOAK_CELLS", "1000"))
SEED = int(os.environ.get("GOKERNEL_SOAK_SEED", "0")) or random.randrange(1, 10**9)
# A kernel takes some 40 MB; one that kept something of each cell would pass this.
MOST_MEMORY = 400e6
SETUP = 'import ("fmt"; "sync")\ncount := 0'


class Soak:
    """A kernel, and what its variables should be."""

    def __init__(self, kernel: Kernel, seed: int) -> None:
        self.kernel = kernel
        self.random = random.Random(seed)
        self.values: dict[str, int] = {}
        self.count = 0
        kernel.run(SETUP)

    def step(self) -> None:
        """One of the things that people do, with what must come of it."""
        weights = {
            self.assign: 30,
            self.read: 30,
            self.print: 15,
            self.fail: 8,
            self.mistake: 8,
            self.loop: 12,
            self.goroutines: 3,
            self.recurse: 2,
            self.stuck: 1,
            self.idle_interrupt: 4,
            self.restart: 1,
        }
        self.random.choices(list(weights), list(weights.values()))[0]()

    def name(self) -> str:
        return f"v{self.random.randrange(20)}"

    def assign(self) -> None:
        name, value = self.name(), self.random.randrange(1000)
        self.kernel.run(f"{name} := {value}")
        self.values[name] = value

    def read(self) -> None:
        name = self.name()
        if name in self.values:
            assert self.kernel.run(name) == str(self.values[name])
        else:
            with pytest.raises(CellFailed, match=name):
                self.kernel.run(name)

    def print(self) -> None:
        lines = "".join(f"{n}\n" for n in range(self.random.randrange(50)))
        loop = f"for i := 0; i < {lines.count(chr(10))}; i++ {{ fmt.Println(i) }}"
        assert self.kernel.run(loop) == lines

    def fail(self) -> None:
        function = 'func fails() { defer func() { count += 0 }(); panic("on purpose") }'
        with pytest.raises(CellFailed, match=r"panic.*: on purpose"):
            self.kernel.run(f"{function}\nfails()")

    def mistake(self) -> None:
        with pytest.raises(CellFailed):
            self.kernel.run(self.random.choice(["x := ", "nothing()", 'var n int = "a"', "}"]))

    def loop(self) -> None:
        self.interrupted("for { count++ }")
        count = int(self.kernel.run("count"))
        assert count > self.count
        self.count = count

    def goroutines(self) -> None:
        self.interrupted("for i := 0; i < 20; i++ { go func() { for { } }() }\nfor { }")

    def recurse(self) -> None:
        function = "func deep(n int) int { if n == 0 { return 0 }; return deep(n-1) + 1 }"
        self.interrupted(f"{function}\nfor {{ deep(500) }}")

    def stuck(self) -> None:
        """Compiled code that doesn't return: a second interrupt leaves it behind."""
        self.interrupted("var lock sync.Mutex\nlock.Lock()\nlock.Lock()")

    def idle_interrupt(self) -> None:
        """A signal may arrive late, and then it is the next cell's; nothing is lost by it."""
        self.kernel.manager.interrupt_kernel()
        try:
            shown = self.kernel.run("count")
        except CellFailed as error:
            if "interrupted" not in str(error):
                raise
            shown = self.kernel.run("count")
        assert shown == str(self.count)

    def restart(self) -> None:
        self.kernel.manager.restart_kernel(now=self.random.random() < 0.5)
        self.kernel.client.wait_for_ready(timeout=TIMEOUT)
        self.values.clear()
        self.count = 0
        self.kernel.run(SETUP)

    def interrupted(self, code: str) -> None:
        """Execute a cell and interrupt it; it must end, and say that it was interrupted."""
        client = self.kernel.client
        sent = client.execute('fmt.Println("begun")\n' + code)
        assert self.iopub(sent, "stream", "error")[1].get("text") == "begun\n"
        self.kernel.manager.interrupt_kernel()
        kind, content = self.iopub(sent, "error", "stream")
        while kind == "stream":
            if "again" in content["text"]:  # it is stuck, and says what helps
                self.kernel.manager.interrupt_kernel()
            kind, content = self.iopub(sent, "error", "stream")
        assert "interrupted" in content["ename"] + content["evalue"]
        self.iopub(sent, "status")
        while client.get_shell_msg(timeout=TIMEOUT)["parent_header"].get("msg_id") != sent:
            pass

    def iopub(self, sent: str, *kinds: str) -> tuple[str, dict[str, Any]]:
        """The next message of one of these types that belongs to a cell."""
        while True:
            message = self.kernel.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == sent and message["msg_type"] in kinds:
                return message["msg_type"], message["content"]


def test_a_thousand_cells(
    conda_prefix: CondaPrefix, clean_env: dict[str, str], dev_cache: Path, tmp_path: Path
) -> None:
    """Each cell has its result, each interrupt keeps every variable, nothing is left over."""
    name = install(tmp_path, prefix=str(conda_prefix("go=1.26")))
    print(f"GOKERNEL_SOAK_SEED={SEED}")  # shown where a step fails
    env = {**clean_env, "GOKERNEL_STORE": str(dev_cache / "engines")}
    with running(tmp_path, name, env, tmp_path) as kernel:
        soak = Soak(kernel, SEED)
        for _ in range(CELLS):
            soak.step()
        memory = psutil.Process(kernel.pid).memory_info().rss
        children = psutil.Process(kernel.pid).children(recursive=True)
    assert memory < MOST_MEMORY
    assert children == []
