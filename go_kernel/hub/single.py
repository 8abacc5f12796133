"""A Hub that somebody starts by hand: alone in its folder, on free ports, its address said last.

`jupyterhub_config/local` is made of it.  JupyterHub itself would end the proxy that it finds
in a folder, and so a second start the first Hub; of a port in use it says nothing that helps.
"""

from __future__ import annotations

import asyncio
import fcntl
import http.client
import os
import socket
from collections.abc import Iterable
from pathlib import Path

from go_kernel.findings import GoKernelError

_FILE = "running"
_START_SECONDS = 60.0
# Open for as long as this process lives: each is a lock.
_held: list[int] = []
# Event loops know their tasks weakly.
_tasks: set[asyncio.Task[None]] = set()


class FolderInUse(GoKernelError):
    """Another Hub runs in the folder; `said` is what it wrote down: its process and address."""

    id = "hub.folder-in-use"

    def __init__(self, folder: Path, said: str):
        process, _, url = said.partition(" ")
        where, kill = (f" at {url}", f" or by `kill {process}`") if url else ("", "")
        super().__init__(
            f"A Hub runs in {folder} already{where}.",
            f"End it with Ctrl-C where it was started{kill}, or name another folder and port for "
            "this one by GOKERNEL_LOCAL_FOLDER and GOKERNEL_LOCAL_PORT.",
        )
        self.folder = folder


class PortsInUse(GoKernelError):
    """One of the Hub's ports can't be had."""

    id = "hub.ports-in-use"

    def __init__(self, ports: Iterable[int], problem: str, taken: int):
        others = ", ".join(map(str, ports))
        super().__init__(
            f"Port {taken} of 127.0.0.1 can't be had ({problem}); the Hub needs {others}.",
            "Name another first one by GOKERNEL_LOCAL_PORT.",
        )
        self.port = taken


def hold(folder: Path, url: str) -> None:
    """Make a folder this process's alone until it ends; raises FolderInUse, OSError.

    However it ends: the lock is the system's, and no child of ours inherits it.
    """
    descriptor = os.open(folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.read(descriptor, 1000).decode(errors="replace")
        os.close(descriptor)
        raise FolderInUse(folder.parent, said.strip()) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()} {url}\n".encode())
    _held.append(descriptor)


def look_for_another(folder: Path) -> None:
    """Raises FolderInUse where another process holds the folder; changes nothing."""
    try:
        descriptor = os.open(folder / _FILE, os.O_RDONLY)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.read(descriptor, 1000).decode(errors="replace")
        raise FolderInUse(folder.parent, said.strip()) from None
    finally:
        os.close(descriptor)


def look_at_ports(
    public: int, proxy: int, hub: int, *, pid_file: Path | None = None, token: str = ""
) -> None:
    """Raises PortsInUse where one of this machine's own ports can't be listened on.

    The first two are the proxy's.  One of ours may have outlived its Hub: its process is in
    `pid_file`, and JupyterHub ends it, or it answers to `token`, and JupyterHub takes it.
    """
    # The proxy's own port first: who else answers there would be sent the token.
    ports = {public: "", proxy: "", hub: ""}
    ports = {port: _problem(port) for port in ports}
    if ports[proxy] and (_lives(pid_file) or _answers(proxy, "/api/routes", token)):
        ports[public] = ports[proxy] = ""
    for port, problem in ports.items():
        if problem:
            raise PortsInUse(ports, problem, port)


def say_when_up(text: str, public: int, hub: int) -> None:
    """Print a text once the Hub answers, below all that it logs at its start.

    JupyterHub reads its configuration while its event loop runs; elsewhere nothing is said.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return
    task = loop.create_task(_say(text, public, hub))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _say(text: str, public: int, hub: int) -> None:
    end = asyncio.get_running_loop().time() + _START_SECONDS
    # The Hub's own port first: its proxy answers earlier, and logs that nobody is there.
    for port in (hub, public):
        while asyncio.get_running_loop().time() < end:
            if await asyncio.to_thread(_answers, port, "/hub/health"):
                break
            await asyncio.sleep(0.1)
    # The last lines of its start come after the route by which it answers.
    await asyncio.sleep(0.3)
    print(text, flush=True)


def _problem(port: int) -> str:
    """Why nobody can listen there, or ""."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Tornado does
        try:
            one.bind(("127.0.0.1", port))
            one.listen()
        except OSError as error:
            return error.strerror or "unknown reason"
    return ""


def _lives(pid_file: Path | None) -> bool:
    try:
        os.kill(int(pid_file.read_text()), 0) if pid_file else None
    except (OSError, ValueError):
        return False
    return pid_file is not None


def _answers(port: int, path: str, token: str | None = None) -> bool:
    """Whether something answers there, and well; with an empty token it isn't asked."""
    if token == "":
        return False
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Authorization": f"token {token}"})
        with connection.getresponse() as reply:
            return reply.status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
