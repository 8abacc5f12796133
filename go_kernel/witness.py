"""A provisioner that knows whether its kernel was told to end, and how it ended."""

from __future__ import annotations

from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner


class Witness(LocalProvisioner):
    """LocalProvisioner, watching.

    What tells a kernel to end is also called for one that has ended already: when it is
    restarted because of that.  Such a kernel still counts as one that nobody told to.
    """

    _told = False
    _exit_code: int | None = None

    @property
    def ended_by_itself(self) -> int | None:
        """The exit code of a kernel that ended though nobody told it to; else None."""
        return None if self._told else self._exit_code

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """As LocalProvisioner; what was seen of the kernel before is forgotten."""
        self._told, self._exit_code = False, None
        return await super().launch_kernel(cmd, **kwargs)

    async def poll(self) -> int | None:
        """As LocalProvisioner; without a process there is nothing to see."""
        code: int | None = await super().poll()
        if self.process is not None and code is not None and self._exit_code is None:
            self._exit_code = code
        return code

    async def shutdown_requested(self, restart: bool = False) -> None:
        """As LocalProvisioner."""
        await self._is_told()
        await super().shutdown_requested(restart=restart)

    async def terminate(self, restart: bool = False) -> None:
        """As LocalProvisioner."""
        await self._is_told()
        await super().terminate(restart=restart)

    async def kill(self, restart: bool = False) -> None:
        """As LocalProvisioner."""
        await self._is_told()
        await super().kill(restart=restart)

    async def _is_told(self) -> None:
        if self._exit_code is None and await self.poll() is None:
            self._told = True
