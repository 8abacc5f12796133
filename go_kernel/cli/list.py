"""`jupyter gokernel list`: the installed kernels, and whether they would start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from go_kernel import installed
from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
from go_kernel.installed import Kernel
from go_kernel.kernel_state import KernelState, State, state_of


class GoKernelList(GoKernelCommand):
    """Lists the installed Go kernels."""

    name = "jupyter-gokernel list"
    description = (
        "Lists the Go kernels that jupyter-gokernel installed in any of Jupyter's folders. Their "
        "status is ok, env-gone (the environment was removed), go-gone (its Go was removed, broken "
        "or replaced), engine-missing (the next launch builds it), broken-config, or no-hub (a "
        "JupyterHub is to choose its Go, and none did)."
    )
    examples = """
jupyter gokernel list
jupyter gokernel list --json
"""
    flags = JSON_FLAG | SHARED_FLAGS
    uses_provisioner_config = True

    def run(self) -> int:
        """List them."""
        _, policy = self.provisioner_settings()
        kernels = installed.settled(installed.find(self.kernel_dirs), self.environ)
        rows = [(kernel, state_of(kernel, self.environ, policy)) for kernel in kernels]
        if self.as_json:
            output.print_json({"kernels": [_plain(kernel, state) for kernel, state in rows]})
            return 0
        output.print_table(
            ("NAME", "DISPLAY NAME", "GO", "STATUS", "FOLDER"),
            [_row(kernel, state) for kernel, state in rows],
            "No Go kernel is installed. Install one: `jupyter gokernel install --env NAME`",
        )
        for line in _problems(rows):
            output.say(line)
        return 0


def _problems(rows: Sequence[tuple[Kernel, KernelState]]) -> list[str]:
    """What is wrong, each sentence once, with the names of the kernels it is true of."""
    names: dict[tuple[State, str], dict[str, str]] = {}
    for kernel, state in rows:
        if state.state is not State.OK:
            general = state.problem.replace(f"--kernel {kernel.name}`", "--kernel NAME`")
            names.setdefault((state.state, general), {})[kernel.name] = state.problem
    return [
        f"{state.value}: {', '.join(own)}: {general if len(own) > 1 else next(iter(own.values()))}"
        for (state, general), own in names.items()
    ]


def _plain(kernel: Kernel, state: KernelState) -> dict[str, Any]:
    config = kernel.config
    return {
        "name": kernel.name,
        "display_name": kernel.display_name,
        "engine": kernel.engine,
        "prefix": (config.prefix or None) if config else None,
        "goroot": (config.goroot or None) if config else None,
        "go_version": state.go_version,
        "resource_dir": str(kernel.folder),
        "offline": bool(config and config.offline),
        "status": state.state.value,
        "problem": state.problem,
    }


def _row(kernel: Kernel, state: KernelState) -> tuple[str, ...]:
    return (
        kernel.name,
        kernel.display_name,
        _spoken_go(kernel, state),
        state.state.value,
        str(kernel.folder),
    )


def _spoken_go(kernel: Kernel, state: KernelState) -> str:
    """Its Go's version, and whether it was installed to fetch nothing."""
    offline = kernel.config is not None and kernel.config.offline
    return f"{state.go_version} (offline)" if offline else state.go_version
