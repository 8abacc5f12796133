"""A real kernel: started as Jupyter starts it, asked, shut down.

The one file of health that knows Jupyter.  It runs in threads that have no event loop.
"""

from __future__ import annotations

import asyncio
import queue
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from go_kernel import config, kernelspec, prepare
from go_kernel.findings import GoKernelError, Remedy
from go_kernel.health.context import Context
from go_kernel.health.live import trial
from go_kernel.variables import mask_urls

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient
    from jupyter_client.manager import KernelManager

_READY = 60.0
_GO_MOD = "module gokernel.invalid/trial\n\ngo 1.22\n"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_EVIDENCE_CHARACTERS = 4000


class KernelSilent(GoKernelError):
    """The kernel did not start, ended, or gave no answer in time."""

    id = "kernel.silent"

    def __init__(self, reason: str, output: str):
        super().__init__(
            f"The kernel gives no answer: {reason}.",
            Remedy("Build its engine again; the evidence is what it printed."),
            evidence=output,
        )


class CellFailed(GoKernelError):
    """A cell ended in an error; `output` is the error's whole text."""

    id = "kernel.cell-failed"

    def __init__(self, output: str):
        lines = [line.strip().rstrip(".") for line in output.splitlines() if line.strip()]
        super().__init__(f"The cell failed: {lines[0] if lines else '?'}.", evidence=output)
        self.output = output


@dataclass
class Kernel:
    """A kernel that answers; `deadline` (of time.monotonic) ends all waiting for it."""

    client: BlockingKernelClient
    log: IO[bytes]
    deadline: float

    def run(self, code: str) -> str:
        """All that a cell printed or gave back, as text.  Raises CellFailed and KernelSilent."""
        heard = _Heard()
        left = max(1.0, self.deadline - time.monotonic())
        try:
            reply = self.client.execute_interactive(
                code, output_hook=heard.message, timeout=left, allow_stdin=False
            )
        except (queue.Empty, TimeoutError, RuntimeError) as error:
            reason = f"a cell has not ended after {left:.0f} s"
            raise KernelSilent(reason, _printed(self.log)) from error
        if reply["content"]["status"] != "ok":
            raise CellFailed(heard.errors or str(reply["content"].get("evalue", "")))
        return "".join(heard.parts)


@dataclass
class _Heard:
    parts: list[str] = field(default_factory=list)
    errors: str = ""

    def message(self, message: Mapping[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            self.parts.append(str(content["text"]))
        elif message["msg_type"] in ("execute_result", "display_data"):
            self.parts.append(str(content["data"].get("text/plain", "")))
        elif message["msg_type"] == "error":
            text = "\n".join([*content.get("traceback", []), content.get("evalue", "")])
            self.errors += mask_urls(_COLOURS.sub("", text))


def build_engine(context: Context, deadline: float) -> None:
    """Build the engine of the context's kernel where it is missing; raises as `engine_for`.

    The kernel's start would do the same, say nothing meanwhile, and know no `deadline`.
    """
    around, settings = context.around, context.config
    found = prepare.resolved(settings, context.env, limits=around.limits, policy=around.policy)
    left = max(0.0, deadline - time.monotonic())
    timeout = min(settings.build_timeout or around.limits.build, left)
    prepare.engine_for(
        replace(settings, build_timeout=timeout),
        found,
        context.env,
        limits=around.limits,
        progress=context.progress,
    )


@contextmanager
def started(
    context: Context,
    deadline: float,
    overrides: Mapping[str, str] | None = None,
    requires: str = "",
) -> Iterator[Kernel]:
    """A kernel of the context, in a folder of its own; `overrides` are variables that win.

    `requires` is a module and its version, for the go.mod there.
    Where no kernel is installed, the one that `install` would write.  It and all that it
    started end with the block.  Raises KernelSilent, and what keeps it from starting.
    """
    with trial.folder(context) as folder:
        # A notebook's go.mod counts, and there may be one further up.
        (folder / "go.mod").write_text(_GO_MOD + (f"\nrequire {requires}\n" if requires else ""))
        manager = _manager(context, folder, overrides or {}, deadline)
        with (
            _loop_closed(),
            (folder / ".log").open("w+b") as log,
            _running(manager, context, folder, log),
        ):
            client = manager.blocking_client()
            # Without heartbeat: one that is stopped while it starts spins for ever.
            client.start_channels(hb=False)
            try:
                _wait(client, log, deadline)
                yield Kernel(client, log, deadline)
            finally:
                client.stop_channels()


def _manager(
    context: Context, folder: Path, overrides: Mapping[str, str], deadline: float
) -> KernelManager:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import KernelManager
    from traitlets.config import Config

    policy, limits = context.around.policy, context.around.limits
    options = {
        "variables": dict(policy.user),
        "policy": {**policy.site, **overrides},
        "offline": policy.offline,
        "build_at_launch": limits.build_at_launch,
        "build_timeout": max(1.0, min(limits.build, deadline - time.monotonic())),
        "activation_timeout": limits.activation,
    }
    manager = KernelManager(
        config=Config({"GoKernelProvisioner": options}),
        connection_file=str(folder / ".kernel.json"),
    )
    content = _content(context)
    config.parse_env(content.get("env", {}))
    known = {name: content[name] for name in content if name in KernelSpec.class_trait_names()}
    manager._kernel_spec = KernelSpec(resource_dir=str(folder), **known)
    return manager


def _content(context: Context) -> Mapping[str, Any]:
    """What is in kernel.json, or would be."""
    for kernel in context.subject.kernels:
        if kernel.config:
            return kernel.content
    return kernelspec.spec_for(context.config, python=str(context.around.python)).content


@contextmanager
def _running(
    manager: KernelManager, context: Context, folder: Path, log: IO[bytes]
) -> Iterator[None]:
    from jupyter_client.kernelspec import NoSuchKernel

    try:
        manager.start_kernel(env=dict(context.env), cwd=str(folder), stdout=log, stderr=log)
    except GoKernelError:
        raise
    except NoSuchKernel as error:
        raise KernelSilent(
            "this Python's Jupyter doesn't know our provisioner (server.provisioner says more)",
            str(error),
        ) from error
    except Exception as error:
        raise KernelSilent(mask_urls(str(error).rstrip(".")), _printed(log)) from error
    try:
        yield
    finally:
        with suppress(Exception):
            manager.shutdown_kernel(now=True)
        manager.context.destroy(linger=0)


@contextmanager
def _loop_closed() -> Iterator[None]:
    """Close the event loop that jupyter_client makes for a thread, and leaves there."""
    try:
        yield
    finally:
        if threading.current_thread() is not threading.main_thread():
            with suppress(RuntimeError):  # it came to none
                asyncio.get_event_loop().close()


def _wait(client: BlockingKernelClient, log: IO[bytes], deadline: float) -> None:
    left = max(1.0, min(_READY, deadline - time.monotonic()))
    try:
        client.wait_for_ready(timeout=left)
    except RuntimeError as error:
        raise KernelSilent(str(error).rstrip("."), _printed(log)) from error


def _printed(log: IO[bytes]) -> str:
    log.flush()
    with suppress(OSError):
        log.seek(0)
        return mask_urls(log.read().decode(errors="replace"))[-_EVIDENCE_CHARACTERS:]
    return ""
