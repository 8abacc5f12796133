"""`jupyter gokernel install`: kernels for environments."""

from __future__ import annotations

from traitlets import Bool, List, Unicode

from go_kernel import choose, inventory
from go_kernel import install as core
from go_kernel.cli import installing, output, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED, UsageError
from go_kernel.findings import GoKernelError
from go_kernel.install import Request
from go_kernel.kernelspec import THIS_SERVER
from go_kernel.resolve import Target


class NoEnvironment(GoKernelError):
    """`--all` found nothing."""

    id = "install.none"

    def __init__(self) -> None:
        super().__init__(
            "No conda environment has Go, so there is nothing to install.",
            "Make one with `jupyter gokernel create NAME`.",
        )


class GoKernelInstall(GoKernelCommand):
    """Installs kernels."""

    name = "jupyter-gokernel install"
    description = (
        "Installs a kernel that runs notebooks on exactly one environment's Go: builds the engine "
        "with that Go (a minute, once for each Go) and writes the kernelspec. Without --env, --all "
        "or --go it takes the active environment, else the Go embedded in this Python, else one "
        "that a bundle brought. Running it again changes nothing. With --hub it builds nothing and "
        'writes one kernelspec, "Go (this server)", whose Go is the one that a JupyterHub chose '
        "for the server."
    )
    examples = """
jupyter gokernel install --env demo
jupyter gokernel install --env /opt/envs/demo --sys-prefix
jupyter gokernel install --all
jupyter gokernel install --go /usr/local/go --name go-site --display-name "Go (site)"
jupyter gokernel install --env demo --set GOPRIVATE=example.com --replace
jupyter gokernel install --env demo --offline             # after `bundle use FILE`
jupyter gokernel install --hub --sys-prefix               # for the servers of a JupyterHub
"""
    aliases = SHARED_ALIASES | {
        "env": ("GoKernelInstall.environments", f"{selection.ENV_HELP} May be repeated."),
        "go": ("GoKernelInstall.go", "A Go outside of conda: its GOROOT, or its go."),
        "engine": ("GoKernelInstall.engine", selection.ENGINE_HELP),
        "name": ("GoKernelInstall.kernel_name", "The kernel's name, instead of go-NAME."),
        "display-name": ("GoKernelInstall.display_name", "What the launcher shows."),
        "prefix": ("GoKernelInstall.prefix", "Install below this folder, in share/jupyter."),
        "set": ("GoKernelInstall.settings", "A variable for this kernel. May be repeated."),
    }
    flags = (
        {
            "all": ({"GoKernelInstall": {"every": True}}, "All environments that have Go."),
            "hub": (
                {"GoKernelInstall": {"from_hub": True}},
                "One kernel of whatever Go a JupyterHub chooses for each of its servers.",
            ),
            "user": ({"GoKernelInstall": {"user": True}}, "Install for this user (the default)."),
            "sys-prefix": (
                {"GoKernelInstall": {"sys_prefix": True}},
                "Install into the Python environment that this command runs in.",
            ),
            "portable": (
                {"GoKernelInstall": {"portable": True}},
                "Leave the provisioner out: for Jupyters that lack jupyter-gokernel.",
            ),
            "no-build": (
                {"GoKernelInstall": {"no_build": True}},
                "Leave building the engine to the first launch.",
            ),
            "offline": (
                {"GoKernelInstall": {"offline": True}},
                "The kernel fetches nothing: it imports what bundles and caches hold.",
            ),
            "replace": (
                {"GoKernelInstall": {"replace": True}},
                "Replace a kernel of ours that has the same name and other settings.",
            ),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {
        "env": "NAME-or-PATH",
        "go": "PATH",
        "engine": "ENGINE",
        "name": "NAME",
        "display-name": "TEXT",
        "prefix": "PATH",
        "set": "NAME=VALUE",
    }
    uses_provisioner_config = True

    environments = List(Unicode(), config=True, help="The environments' names or paths.")
    every = Bool(False, config=True, help="Install for all environments that have Go.")
    go = Unicode(config=True, help="The GOROOT or the go of a Go outside of conda.")
    from_hub = Bool(False, config=True, help="Install the kernel whose Go a JupyterHub chooses.")
    engine = Unicode("gophernotes", config=True, help="The engine.")
    kernel_name = Unicode(config=True, help="The kernel's name.")
    display_name = Unicode(config=True, help="What the launcher shows.")
    user = Bool(False, config=True, help="Install for this user.")
    sys_prefix = Bool(False, config=True, help="Install into this Python's environment.")
    prefix = Unicode(config=True, help="Install below this folder.")
    settings = List(Unicode(), config=True, help="Variables for the kernel, as NAME=VALUE.")
    portable = Bool(False, config=True, help="Leave the provisioner out.")
    offline = Bool(False, config=True, help="Whether the kernel fetches nothing.")
    no_build = Bool(False, config=True, help="Don't build the engine now.")
    replace = Bool(False, config=True, help="Replace a kernel of the same name.")

    def run(self) -> int:
        """Install them."""
        core.check_request(self._request(Target("")))
        where = installing.destination(
            self, user=self.user, sys_prefix=self.sys_prefix, prefix=self.prefix
        )
        requests = [self._request(target) for target in self._targets()]
        outcomes = installing.install_each(self, requests, where)
        warnings = installing.report(self, outcomes, where)
        if self.as_json:
            output.print_json(
                {
                    "kernels": [installing.plain(outcome) for outcome in outcomes],
                    "warnings": [warning.to_dict() for warning in warnings],
                }
            )
        return FAILED if any(isinstance(one, installing.Failed) for one in outcomes) else 0

    def _targets(self) -> list[Target]:
        selection.one_of(all=self.every, env=self.environments, go=self.go, hub=self.from_hub)
        if self.from_hub:
            targets = [Target(THIS_SERVER)]
        elif self.every:
            targets = self._all()
        elif self.go:
            targets = [choose.go((self.cwd / self.go).absolute())]
        elif self.environments:
            named = dict.fromkeys(self.environments)
            targets = [selection.environment(self, one) for one in named]
        else:
            chosen = choose.default(self.environ, embedded=choose.embedded_goroot())
            output.say(chosen.why)
            targets = [chosen.target]
        if len(targets) > 1 and (self.kernel_name or self.display_name):
            raise UsageError(
                "--name and --display-name can name one kernel only.", "Install them one by one."
            )
        return targets

    def _all(self) -> list[Target]:
        found = inventory.with_go(self.environ, cwd=self.cwd)
        if not found:
            raise NoEnvironment
        return [Target(one.name, prefix=one.prefix) for one in found]

    def _request(self, target: Target) -> Request:
        return Request(
            target,
            self.engine,
            self.kernel_name,
            self.display_name,
            installing.parsed_settings(self.settings),
            self.portable,
            not self.no_build,
            self.replace,
            self.from_hub,
            self.offline,
        )
