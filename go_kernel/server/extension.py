"""The extension as Jupyter Server knows it: configuration, routes, beginning and end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from tornado.ioloop import PeriodicCallback
from traitlets import Bool, Float, Unicode

from go_kernel.findings import GoKernelError
from go_kernel.variables import HUB_ENVIRONMENT

_PROVISIONER = "GoKernelProvisioner"
# What a fix takes besides building an engine, in seconds.
_AROUND_A_BUILD = 120.0


class GoKernelServer(ExtensionApp):
    """Checks and repairs of Go environments, served to the panel and to programs."""

    name = "gokernel"
    extension_url = "/gokernel/health"
    load_other_extensions = True

    check_at_start = Bool(
        False, config=True, help="Whether to check all environments when the server starts."
    )
    check_interval = Float(
        0.0, config=True, help="Seconds between two checks of all environments; 0 for never."
    )
    deep_timeout = Float(
        900.0, config=True, help="Seconds that one request for a deep check may take."
    )
    terminal_environment = Unicode(
        "",
        config=True,
        help="The environment (name or path) whose Go terminals get; empty for the one that a "
        "JupyterHub chose for this server, else none.",
    )
    sync_at_start = Bool(
        False,
        config=True,
        help="Whether to run `jupyter gokernel sync` when the server starts.",
    )

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._periodic: PeriodicCallback | None = None
        self._sync: Any = None
        self._service: Any = None
        self._terminals_are_ours = False

    def _link_jupyter_server_extension(self, serverapp: Any) -> None:
        """As for any extension; terminals are told here, since theirs reads it at its loading."""
        super()._link_jupyter_server_extension(serverapp)
        if self.terminal_environment or os.environ.get(HUB_ENVIRONMENT):
            self._choose_terminals(serverapp)

    def initialize_handlers(self) -> None:
        """The routes, and what is done when the server starts."""
        from go_kernel.server import events, handlers, metrics
        from go_kernel.server.service import Service

        app: Any = self.serverapp
        events.register(app.event_logger)
        app.event_logger.add_listener(
            schema_id=events.KERNEL_SCHEMA_ID, listener=metrics.kernel_event
        )
        limits = self._provisioner_settings()["limits"]
        self._service = Service(
            self._base,
            app.event_logger,
            app.log,
            deep=self.deep_timeout,
            fix=limits["build"] + _AROUND_A_BUILD,
        )
        with_service = {"service": self._service}
        self.handlers.extend((path, one, with_service) for path, one in handlers.ROUTES)
        app.io_loop.add_callback(self._begin)

    def current_activity(self) -> Any:
        """The tasks that somebody asked for: a server doesn't end for idleness meanwhile."""
        return self._service.tasks.asked_for() if self._service else None

    async def stop_extension(self) -> None:
        """End all that runs."""
        if self._periodic is not None:
            self._periodic.stop()
        if self._sync is not None:
            await self._sync.close()
        if self._service is not None:
            await self._service.close()

    async def _begin(self) -> None:
        if self.check_at_start:
            self._check()
        if self.check_interval > 0:
            self._periodic = PeriodicCallback(self._check, self.check_interval * 1000)
            self._periodic.start()
        if self.sync_at_start:
            from go_kernel.server.syncing import Sync

            self._sync = Sync(self.log)
            await self._sync.run()
        if self._terminals_are_ours:
            await self._look_for_terminals_environment()

    def _check(self) -> None:
        try:
            self._service.check("", deep=False, checks=[], asked=False)
        except GoKernelError as error:
            self.log.info("gokernel: no check now: %s", error)

    def _base(self) -> Mapping[str, object]:
        """What workers are told of this server; the environment they have from it anyway."""
        app: Any = self.serverapp
        folders = app.kernel_spec_manager.kernel_dirs
        return {
            "kernel_dirs": [str(Path(one).absolute()) for one in folders],
            "cwd": str(Path.cwd()),
            **self._provisioner_settings(),
        }

    def _provisioner_settings(self) -> dict[str, Any]:
        """What the server's configuration says about all Go kernels: what a launch will use."""
        config = self.serverapp.config if self.serverapp else {}
        if _PROVISIONER not in config:
            return {"limits": {"build": 600.0}}
        from go_kernel.provisioner import GoKernelProvisioner

        own = GoKernelProvisioner(config=config)
        return {
            "limits": {
                "activation": own.activation_timeout,
                "build": own.build_timeout,
                "build_at_launch": own.build_at_launch,
            },
            "policy": {
                "user": dict(own.variables),
                "site": dict(own.policy),
                "offline": own.offline,
            },
        }

    def _choose_terminals(self, serverapp: Any) -> None:
        """Put our wrapper before terminals' shell, unless somebody chose a shell command."""
        from go_kernel.terminal import hubs_shell_command, shell_command

        if serverapp.terminado_settings.get("shell_command") is not None:
            self.log.info("gokernel: terminals keep the shell_command that is configured")
            return
        try:
            said = self.terminal_environment
            offline = self._provisioner_settings().get("policy", {}).get("offline", False)
            command = (
                shell_command(said, offline=offline)
                if said
                else hubs_shell_command(offline=offline)
            )
        except GoKernelError as error:
            self.log.warning("gokernel: %s", error)
            return
        settings = {**serverapp.terminado_settings, "shell_command": command}
        serverapp.terminado_settings = settings
        self._terminals_are_ours = True

    async def _look_for_terminals_environment(self) -> None:
        """Tell the administrator, too, who opens no terminal to read it there."""
        from go_kernel import terminal
        from go_kernel.threads import in_thread

        # In a thread: environments may lie on a disk that doesn't answer.
        said = self.terminal_environment or None
        wrong = await in_thread(terminal.problem, said, dict(os.environ))
        if wrong:
            self.log.warning("gokernel: %s", wrong)
