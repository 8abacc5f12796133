"""`jupyter gokernel envs`: the conda environments that have Go."""

from __future__ import annotations

from typing import Any

from go_kernel import installed, inventory
from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
from go_kernel.inventory import GoEnvironmentFound


class GoKernelEnvs(GoKernelCommand):
    """Lists the conda environments that have Go."""

    name = "jupyter-gokernel envs"
    description = (
        "Lists the conda environments that have Go, with the kernels installed for each. "
        "Files alone are read: no conda is needed, nothing is started."
    )
    examples = """
jupyter gokernel envs
jupyter gokernel envs --json
"""
    flags = JSON_FLAG | SHARED_FLAGS

    def run(self) -> int:
        """List them."""
        kernels = installed.find(self.kernel_dirs)
        found = inventory.with_go(self.environ, kernels, self.cwd)
        if self.as_json:
            output.print_json({"environments": [_plain(one) for one in found]})
            return 0
        output.print_table(
            ("NAME", "GO", "KERNELS", "PREFIX"),
            [_row(one) for one in found],
            "No conda environment has Go. Make one: `jupyter gokernel create NAME`",
        )
        for one in found:
            if one.problem:
                output.say(f"error: {one.name}: {one.problem}")
        return 0


def _plain(found: GoEnvironmentFound) -> dict[str, Any]:
    return {
        "name": found.name,
        "prefix": str(found.prefix),
        "go_version": found.go_version,
        "goroot": str(found.goroot) if found.goroot else None,
        "kernels": list(found.kernels),
        "problem": found.problem,
    }


def _row(found: GoEnvironmentFound) -> tuple[str, ...]:
    version = f"{found.go_version or '?'} (broken)" if found.problem else found.go_version
    return found.name, version, ", ".join(found.kernels), str(found.prefix)
