"""Running real kernels in tests: a spec of ours, a manager, a client, a cell."""

from __future__ import annotations

import base64
import queue
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from go_kernel import config, kernelspec

TIMEOUT = 300.0


def install(jupyter_path: Path, name: str = "", **settings: Any) -> str:
    """Write a kernelspec of ours below `jupyter_path`; give back its name."""
    content = {"environment": "test", **settings}
    spec = kernelspec.spec_for(config.parse(content), name=name)
    kernelspec.write(spec, jupyter_path / "kernels", replace=True)
    return spec.name


def manager(jupyter_path: Path, name: str) -> KernelManager:
    """A manager of that kernel, not started."""
    specs = KernelSpecManager(kernel_dirs=[str(jupyter_path / "kernels")])
    return KernelManager(kernel_name=name, kernel_spec_manager=specs)


@dataclass
class Kernel:
    """A started kernel and its client."""

    manager: KernelManager
    client: BlockingKernelClient

    @property
    def pid(self) -> int:
        """The process id of the kernel itself."""
        provisioner: Any = self.manager.provisioner
        return int(provisioner.pid)

    def run(self, code: str, *, timeout: float = TIMEOUT) -> str:
        """Execute a cell; its output as text.  A failing cell raises CellFailed."""
        return execute(self.client, code, timeout=timeout)


class CellFailed(Exception):
    """A cell ended in an error."""


def execute(client: BlockingKernelClient, code: str, *, timeout: float = TIMEOUT) -> str:
    """Execute a cell; all that it printed or gave back, as text."""
    parts: list[str] = []
    errors: list[str] = []

    def hook(message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            parts.append(content["text"])
        elif message["msg_type"] in ("execute_result", "display_data"):
            parts.append(_text(content["data"]))
        elif message["msg_type"] == "error":
            errors.append("\n".join(content["traceback"] or []) + content["evalue"])

    try:
        reply = client.execute_interactive(code, output_hook=hook, timeout=timeout)
    except queue.Empty as error:
        raise TimeoutError(f"no reply to {code!r}") from error
    if reply["content"]["status"] != "ok":
        raise CellFailed("\n".join(errors) or str(reply["content"]))
    return "".join(parts)


def _text(data: Mapping[str, str]) -> str:
    if "image/png" in data:
        return f"<png of {len(base64.b64decode(data['image/png']))} bytes>"
    return data.get("text/plain", "")


@contextmanager
def running(jupyter_path: Path, name: str, env: Mapping[str, str], cwd: Path) -> Iterator[Kernel]:
    """A started kernel with a client that is ready; shut down at the end."""
    with started(manager(jupyter_path, name), env, cwd) as kernel:
        yield kernel


@contextmanager
def started(owner: KernelManager, env: Mapping[str, str], cwd: Path) -> Iterator[Kernel]:
    """The kernel of any manager, with a client that is ready; shut down at the end."""
    owner.start_kernel(env=dict(env), cwd=str(cwd))
    client = owner.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield Kernel(owner, client)
    finally:
        client.stop_channels()
        owner.shutdown_kernel(now=True)
        owner.context.destroy(linger=0)
