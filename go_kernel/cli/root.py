"""The command above the commands; each is imported when it is called."""

from __future__ import annotations

from go_kernel.cli.command import GoKernelCommand


def _at(module: str, name: str) -> str:
    return f"go_kernel.cli.{module}.{name}"


class GoKernelApp(GoKernelCommand):
    """`jupyter gokernel`."""

    description = "Go notebooks on exactly your conda environment's Go."
    subcommands = {  # noqa: RUF012 - traitlets' own attribute
        "envs": (_at("envs", "GoKernelEnvs"), "conda environments that have Go"),
        "create": (_at("create", "GoKernelCreate"), "make a conda environment with Go"),
        "install": (_at("install", "GoKernelInstall"), "install a kernel"),
        "list": (_at("list", "GoKernelList"), "installed kernels, and whether they would start"),
        "uninstall": (_at("uninstall", "GoKernelUninstall"), "remove kernels"),
        "sync": (_at("sync", "GoKernelSync"), "make the kernels follow the environments"),
        "apply": (_at("apply", "GoKernelApply"), "make what a file declares"),
        "env": (_at("env", "GoKernelEnv"), "the variables a kernel gets, and where they come from"),
        "doctor": (_at("doctor.command", "GoKernelDoctor"), "what is wrong, and what mends it"),
        "check": (_at("check", "GoKernelCheck"), "is a project in order, and its environment?"),
        "scan": (_at("scan", "GoKernelScan"), "what could go wrong with the replaces of projects"),
        "lock": (_at("lock", "GoKernelLock"), "Go modules and conda packages, locked together"),
        "snapshot": (_at("snapshot", "GoKernelSnapshot"), "a project written down, and compared"),
        "hooks": (_at("hooks", "GoKernelHooks"), "give shells an environment's Go on activation"),
        "bundle": (_at("bundle", "GoKernelBundle"), "what a machine without a network needs"),
        "engine": (_at("engine", "GoKernelEngine"), "built engines: list, build, prune"),
        "launch": (_at("launch", "GoKernelLaunch"), "start a kernel, without a provisioner"),
    }
    examples = """
jupyter gokernel envs                  # which environments have Go?
jupyter gokernel install --env demo    # a kernel for one of them
jupyter gokernel create demo           # or a new environment, with its kernel
jupyter gokernel list
jupyter gokernel doctor --project .    # a Go project: what is in force, and what has no effect
"""

    def run(self) -> int:
        """Without a command there is nothing to do but to say which there are."""
        self.print_help()
        return 0
