"""GoKernelProvisioner: starts one Go kernel for a client of Jupyter.

A thin shell: what has to be known is in `prepare`, what has to be done to a local
process is in jupyter_client's LocalProvisioner.  What is added here is the order of
things, and how a failure reaches a person.

Methods may be called from different event loops (a blocking client makes one for each
call), so nothing here holds on to a loop; what blocks runs in a thread.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

from jupyter_client.connect import KernelConnectionInfo, LocalPortCache
from traitlets import Bool, Dict, Float, Unicode

from go_kernel import announce, config, deaths, hub_choice, sockets, standin
from go_kernel.findings import GoKernelError
from go_kernel.ports import wait_until_open
from go_kernel.prepare import Limits, Prepared, prepare
from go_kernel.process_tree import Tree
from go_kernel.refused import LaunchRefused, log_plainly
from go_kernel.resolve import Policy
from go_kernel.threads import in_thread
from go_kernel.variables import SCRATCH
from go_kernel.witness import Witness

# What jupyter_client itself hands to a provisioner; all else comes from kernel.json.
_NOT_CONFIG = frozenset({"kernel_id", "kernel_spec", "parent", "config", "log"})
_TIMES_PORTS_ARE_CHOSEN = 10
_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class KernelNotStarted(GoKernelError):
    """The operating system didn't start the kernel."""

    id = "launch.not-started"

    def __init__(self, error: OSError | ValueError):
        named = getattr(error, "filename", None)
        what = f"{named}: {error.strerror}" if isinstance(error, OSError) and named else str(error)
        if getattr(error, "errno", None) == errno.E2BIG:
            what = "its variables are too large for the system (128 KiB for one of them)"
        super().__init__(
            f"The Go kernel can't be started: {what}.",
            "Check that the notebook's folder exists and that the engine may be executed "
            "(`jupyter gokernel engine list`).",
        )


class KernelDied(GoKernelError):
    """The kernel ended before it opened its ports.

    Seen only for engines that don't inherit them: the others are tried when built.
    """

    id = "launch.died"

    def __init__(self, environment: str, code: int):
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        super().__init__(
            f"The Go kernel of {environment} ended as soon as it was started ({how}); "
            "what it printed is in the server's log.",
            "Build it again with `jupyter gokernel install --replace`.",
        )
        self.code = code


class GoKernelProvisioner(Witness):
    """Starts a kernel on exactly the Go that its kernelspec names."""

    build_at_launch = Bool(True, config=True, help="Whether a launch may build a missing engine.")
    build_timeout = Float(600.0, config=True, help="Seconds that building an engine may take.")
    activation_timeout = Float(
        20.0, config=True, help="Seconds that an environment's activation scripts may take."
    )
    ready_timeout = Float(
        10.0, config=True, help="Seconds to wait for the kernel to open its ports."
    )
    variables = Dict(
        Unicode(),
        Unicode(),
        config=True,
        help="Variables for every Go kernel; they override the kernelspec's.",
    )
    policy = Dict(
        Unicode(),
        Unicode(),
        config=True,
        help="The site's variables for every Go kernel; they override everybody's.",
    )
    offline = Bool(
        False,
        config=True,
        help="Whether Go kernels fetch nothing, and import only what bundles and caches hold.",
    )

    def __init__(self, **kwargs: Any):
        self._raw_config = {k: kwargs.pop(k) for k in list(kwargs) if k not in _NOT_CONFIG}
        self._environment_name = str(self._raw_config.get("environment", ""))
        self._prepared: Prepared | None = None
        self._started_before = False
        self._tree: Tree | None = None
        self._death: deaths.Death | None = None
        super().__init__(**kwargs)

    @property
    def running(self) -> Prepared | None:
        """What the kernel was started with; None before, afterwards, and for a stand-in."""
        return self._prepared

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the kernel, then what LocalProvisioner does for any kernel.

        Raises LaunchRefused under a server and GoKernelError elsewhere.  On a restart it
        raises neither: a stand-in starts that says what is wrong, since Jupyter Server
        answers a failed restart with words of its own.
        """
        parent = dict(kwargs.get("env", os.environ))
        refused = ""
        if announce.server_above(self.parent):
            self._forget_pending_start()
        try:
            await self._prepare(parent)
        except GoKernelError as error:
            self._announce("failed", str(error), finding=error.id)
            if not self._started_before:
                raise self._spoken(error) from error
            refused = str(error)
        launch: dict[str, Any] = await super().pre_launch(**kwargs)
        if self._prepared is None:
            command = standin.command(self._connection_file, refused)
            return {**launch, "cmd": command, "env": parent}
        command = self._prepared.argv(self._connection_file)
        env = {**self._prepared.variables, **self._story(self._prepared)}
        return {**launch, "cmd": command, "env": env}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel, and return once clients can connect."""
        try:
            with self._sockets() as descriptors:
                if descriptors:
                    taken = {sockets.VARIABLE: ",".join(map(str, descriptors))}
                    kwargs = {
                        **kwargs,
                        "env": {**kwargs["env"], **taken},
                        "pass_fds": descriptors,
                    }
                info = await super().launch_kernel(cmd, **kwargs)
            assert self.process is not None
            self._tree = Tree(self.process.pid, kwargs["env"].get(SCRATCH, ""))
            if not descriptors:
                await self._until_ready()
            self._started_before = True
        except (OSError, ValueError) as error:
            self._release()
            raise self._spoken(KernelNotStarted(error)) from error
        self._announce("started", "")
        return info

    async def poll(self) -> int | None:
        """As LocalProvisioner; of a kernel that has ended, all that it started ends.

        That goes before the kernel is reaped: until then no other process can have been
        given its number.
        """
        process = self.process
        if process is None or process.returncode is not None:
            return await super().poll()
        if _CAN_PEEK and not _has_ended(process.pid):
            return None  # not asked further: it might end now, and be reaped before its group
        if _CAN_PEEK:
            await self._end_all(process.pid)
        code = await super().poll()
        if code is not None and not _CAN_PEEK:
            await self._end_all(process.pid)
        return code

    async def shutdown_requested(self, restart: bool = False) -> None:
        """As LocalProvisioner; who belongs to the kernel is told best while it lives."""
        await self._look()
        await super().shutdown_requested(restart=restart)

    async def terminate(self, restart: bool = False) -> None:
        """As `shutdown_requested`, of a kernel that is told by a signal."""
        await self._look()
        await super().terminate(restart=restart)

    async def kill(self, restart: bool = False) -> None:
        """As `terminate`, of a kernel that isn't asked."""
        await self._look()
        await super().kill(restart=restart)

    async def _look(self) -> None:
        if self._tree is not None and self.has_process:
            await _in_thread(self._tree.look)

    async def _end_all(self, group: int) -> None:
        _end_group(group)
        if self._tree is not None:
            await _in_thread(self._tree.end)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the scratch folder, then as LocalProvisioner."""
        await _in_thread(self._release)
        await super().cleanup(restart=restart)
        if self._death is not None:
            self.log.warning("%s: %s", self._environment_name, self._death.text.rstrip())
            self._announce("died", self._death.sentence)

    async def _prepare(self, parent: Mapping[str, str]) -> None:
        self._release()
        settings = config.parse(self._raw_config)
        if settings.from_hub:
            # In a thread: the prefix may lie on a disk that doesn't answer.
            settings = await in_thread(hub_choice.settled, settings, parent)
            self._environment_name = settings.environment
        preparing = partial(
            prepare,
            settings,
            parent,
            limits=Limits(self.activation_timeout, self.build_timeout, self.build_at_launch),
            policy=self._policy(parent),
            progress=self._progress(asyncio.get_running_loop()),
        )
        self._prepared = await in_thread(preparing, tidies=True)

    def _policy(self, parent: Mapping[str, str]) -> Policy:
        user, site = dict(self.variables), dict(self.policy)
        return Policy(self._settings_in_spec(parent), user, site, self.offline)

    def _settings_in_spec(self, parent: Mapping[str, str]) -> dict[str, str]:
        """The `env` of kernel.json: ours is empty, but people write there by hand."""
        stated = config.parse_env(getattr(self.kernel_spec, "env", None) or {})
        return {name: Template(value).safe_substitute(parent) for name, value in stated.items()}

    @contextmanager
    def _sockets(self) -> Iterator[list[int]]:
        """Listening sockets for an engine that takes them over; else none.

        Another program may have taken a port since it was chosen, where many kernels start
        at once above all: others are chosen then.  Where they are fixed there are no sockets:
        the kernel itself finds out and ends.
        """
        info: Mapping[str, Any] = {**self.connection_info}
        takes = self._prepared is not None and self._prepared.inherits_sockets
        if not takes or not sockets.can_be_handed_down(info["transport"], info["ip"]):
            yield []
            return
        with ExitStack() as stack:
            descriptors: list[int] = []
            for left in reversed(range(_TIMES_PORTS_ARE_CHOSEN)):
                info = {**self.connection_info}
                ports = [info[name] for name in _PORTS]
                try:
                    descriptors = stack.enter_context(sockets.listening(info["ip"], ports))
                    break
                except OSError:
                    if not left or not self._choose_other_ports():
                        break
            yield descriptors

    def _choose_other_ports(self) -> bool:
        """Have other ports in the connection file; False where they aren't ours to choose.

        A client knows those of a kernel that has run before.
        """
        manager: Any = self.parent
        if self._started_before or manager is None or not self.ports_cached:
            return False
        kept = LocalPortCache.instance()
        for name in _PORTS:
            kept.return_port(getattr(manager, name))
            setattr(manager, name, kept.find_available_port(manager.ip))
        session = json.loads(Path(manager.connection_file).read_text()).get("jupyter_session", "")
        manager.cleanup_connection_file()
        manager.write_connection_file(jupyter_session=session)
        self.connection_info = manager.get_connection_info()
        return True

    async def _until_ready(self) -> None:
        process = self.process
        info: Mapping[str, Any] = {**self.connection_info}
        if process is None or info.get("transport") != "tcp":
            return
        opening = partial(
            wait_until_open,
            str(info["ip"]),
            [info[name] for name in _PORTS],
            timeout=self.ready_timeout,
            alive=lambda: not _has_ended(process.pid),
        )
        if await in_thread(opening) or not _has_ended(process.pid):
            return
        code = await self.poll()
        await self.wait()
        self._release()
        raise self._spoken(KernelDied(self._environment_name, code or 0))

    @property
    def _connection_file(self) -> str:
        return os.path.realpath(self.parent.connection_file) if self.parent else ""

    def _spoken(self, error: GoKernelError) -> Exception:
        """The exception for a failed start: under a server, one that it passes on."""
        self._forget_pending_start()
        if self.parent and not self._started_before:
            self.parent.cleanup_connection_file()
        if not announce.server_above(self.parent):
            return error
        log_plainly(self.log)
        return LaunchRefused(error)

    def _forget_pending_start(self) -> None:
        """Take a start off the list of pending ones: a failed one, and under a server any.

        jupyter_client leaves a failed one there.  A server that is told to end shuts down all of
        them, knows no such kernel, and where another one runs it stays.
        ref: https://github.com/jupyter/jupyter_client/blob/v8.10.0/jupyter_client/multikernelmanager.py#L211
        """
        kernels = getattr(self.parent, "parent", None)
        pending = getattr(kernels, "_pending_kernels", None)
        if isinstance(pending, dict) and not getattr(kernels, "use_pending_kernels", False):
            pending.pop(self.kernel_id, None)

    def _progress(self, loop: asyncio.AbstractEventLoop) -> Callable[[str], None]:
        """Lines from the building thread, announced on the loop that waits for it."""

        def line(text: str) -> None:
            self.log.info("%s: %s", self._environment_name, text)
            with suppress(RuntimeError):  # the loop has ended before us
                loop.call_soon_threadsafe(self._announce, "building", text)

        return line

    def _announce(self, action: str, message: str, finding: str = "") -> None:
        event = {
            "action": action,
            "kernel_id": str(self.kernel_id),
            "environment": self._environment_name,
            "message": message,
        }
        if finding:
            event["finding"] = finding
        announce.announce(announce.event_logger_above(self.parent), event)

    def _release(self) -> None:
        prepared, self._prepared = self._prepared, None
        if prepared is None:
            return
        code = self.ended_by_itself
        self._death = None if code is None else deaths.examine(prepared.scratch.folder, code)
        prepared.scratch.release()

    def _story(self, prepared: Prepared) -> dict[str, str]:
        """What tells a kernel how the one ended that it is started instead of."""
        death, self._death = self._death, None
        return {} if death is None else deaths.hand_over(death, prepared.scratch.folder)


# Python has it on macOS since 3.13 only; without it the group goes right after its leader.
_CAN_PEEK = hasattr(os, "waitid")


async def _in_thread(call: Callable[[], None]) -> None:
    """Let a thread do what blocks; at the end of the interpreter there are no new ones."""
    try:
        await in_thread(call)
    except RuntimeError:
        call()


def _end_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _has_ended(pid: int) -> bool:
    """Whether a child has ended; it is not reaped by asking.  Not known: False."""
    if not _CAN_PEEK:
        return False
    try:
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, pid, flags) is not None
    except ChildProcessError:
        return True
