"""How long a kernel takes from start_kernel to the first reply.

`wait_for_ready` is never used: it holds a fixed pause of 0.2 s.  A client that connects
before the kernel listens waits for ZeroMQ's reconnect interval of 100 ms; so there are
two questions, and each way of starting says which it answers: what the kernel takes
(the client connects once the ports are open), and what somebody waits who connects as
soon as start_kernel is back.
ref: https://github.com/jupyter/jupyter_client/blob/main/jupyter_client/client.py
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

import psutil  # type: ignore[import-untyped]  # ipykernel brings it
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from bench.interleave import Take, undisturbed
from go_kernel.findings import GoKernelError
from go_kernel.ports import wait_until_open

# A cell that costs no kernel anything: what is timed is getting there.
NOTHING = ""
_REPLY_SECONDS = 60.0
_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class NoReply(GoKernelError):
    """A kernel that was to be timed gave no good answer."""

    id = "bench.no-reply"

    def __init__(self, name: str, reason: str, log: Path):
        printed = log.read_text("utf-8", "replace") if log.exists() else ""
        super().__init__(f"{name} can't be timed: {reason}.", evidence=printed[-4000:])


@dataclass(frozen=True)
class Start:
    """One way of starting a kernel: an installed kernelspec, and what its client holds.

    `await_ports`: the client looks whether the ports are open before it connects.
    """

    name: str
    kernelspec: str
    kernels: Path
    folder: Path
    env: Mapping[str, str]
    code: str = NOTHING
    await_ports: bool = False

    @property
    def take(self) -> Take:
        """As `interleave` wants it."""
        return lambda: seconds_to_reply(self)


@dataclass(frozen=True)
class Running:
    """A kernel that runs, and its client."""

    start: Start
    manager: AsyncKernelManager
    client: AsyncKernelClient
    log: Path

    async def seconds_of(self, code: str) -> float:
        """Execute a cell; the seconds up to its reply.  Raises NoReply."""
        begin = time.perf_counter()
        await self.reply_to(self.client.execute(code))
        return time.perf_counter() - begin

    async def reply_to(self, sent: str, *, status: str = "ok") -> None:
        """Wait for the reply to the cell that was sent; raises NoReply."""
        end = time.monotonic() + _REPLY_SECONDS
        while True:
            try:
                message = await self.client.get_shell_msg(timeout=1)
            except Empty:
                if time.monotonic() > end or not await self.manager.is_alive():
                    raise NoReply(self.start.name, "it sent no reply", self.log) from None
                continue
            if message["parent_header"].get("msg_id") == sent:
                break
        if message["content"]["status"] != status:
            raise NoReply(self.start.name, f"it replied {message['content']}", self.log)

    def memory(self) -> int:
        """Bytes of memory that the kernel and all its processes hold."""
        process = getattr(self.manager.provisioner, "process", None)
        if process is None:
            return 0
        whole = psutil.Process(process.pid)
        return sum(one.memory_info().rss for one in (whole, *whole.children(recursive=True)))


async def seconds_to_reply(start: Start) -> float:
    """Start a kernel, have it execute `start.code`, end it; the seconds up to the reply.

    Raises NoReply, and what starting the kernel raises.
    """
    with undisturbed():
        async with _kernel(start) as (manager, log):
            begin = time.perf_counter()
            running = await _launched(start, manager, log)
            try:
                await running.reply_to(running.client.execute(start.code))
                return time.perf_counter() - begin
            finally:
                running.client.stop_channels()


@asynccontextmanager
async def running(start: Start) -> AsyncIterator[Running]:
    """A kernel that has executed `start.code`; ended afterwards."""
    async with _kernel(start) as (manager, log):
        one = await _launched(start, manager, log)
        try:
            await one.reply_to(one.client.execute(start.code))
            yield one
        finally:
            one.client.stop_channels()


@asynccontextmanager
async def _kernel(start: Start) -> AsyncIterator[tuple[AsyncKernelManager, Path]]:
    """A manager whose kernel, once started, is ended at the end."""
    manager = AsyncKernelManager(
        kernel_name=start.kernelspec,
        kernel_spec_manager=KernelSpecManager(
            kernel_dirs=[str(start.kernels)], ensure_native_kernel=False
        ),
        # GoNB takes its own identity from a name of just this form.
        connection_file=str(start.folder / f"kernel-{uuid.uuid4()}.json"),
    )
    try:
        yield manager, start.folder / f"{start.kernelspec}.log"
    finally:
        await _end(manager)


async def _launched(start: Start, manager: AsyncKernelManager, log: Path) -> Running:
    with log.open("wb") as output:
        await manager.start_kernel(
            env=dict(start.env), cwd=str(start.folder), stdout=output, stderr=output
        )
    if start.await_ports:
        await _ports_open(start, manager, log)
    client = manager.client()
    client.start_channels(hb=False)
    return Running(start, manager, client, log)


async def _ports_open(start: Start, manager: AsyncKernelManager, log: Path) -> None:
    info: Mapping[str, Any] = {**manager.get_connection_info()}
    ip, ports = str(info["ip"]), [int(info[name]) for name in _PORTS]
    end = time.monotonic() + _REPLY_SECONDS
    # Looked at in steps of a millisecond, whatever it takes: a peer is not to be charged
    # for the pauses that a launch of ours makes between two looks.
    while not wait_until_open(ip, ports, timeout=0, alive=lambda: False):
        if time.monotonic() > end or not await manager.is_alive():
            raise NoReply(start.name, "it opened no ports", log)
        await asyncio.sleep(0.001)


async def _end(manager: AsyncKernelManager) -> None:
    """End the kernel and all that it started.

    GoNB's gopls leads a process group of its own, and gopls' telemetry a session of its
    own: only the tree of processes, looked at while it stands, names them all.
    """
    process = getattr(manager.provisioner, "process", None)
    if process is None:
        await manager.cleanup_resources()
        return
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
    await manager.shutdown_kernel(now=True)
