"""What a running kernel got: its Go and conda variables, each with its origin."""

from __future__ import annotations

import re
from typing import Any

from go_kernel.server.errors import NoKernel
from go_kernel.variables import TABLE

_CONDA = re.compile(r"CONDA_\w+|_CE_\w+")


def shown(name: str) -> bool:
    """Whether a variable is Go's or conda's: all others are nobody's business here."""
    return name in TABLE or _CONDA.fullmatch(name) is not None


def environment_of(kernels: Any, id: str) -> dict[str, Any]:
    """The environment of a running kernel as plain data, secrets masked; raises NoKernel."""
    if id not in kernels:
        raise NoKernel(id, "no kernel of this id runs")
    provisioner: Any = getattr(kernels.get_kernel(id), "provisioner", None)
    if not hasattr(provisioner, "running"):
        raise NoKernel(id, "it was not started by jupyter-gokernel")
    running = provisioner.running
    if running is None:
        raise NoKernel(id, "it could not be restarted, and only says why")
    environment = running.environment
    names = [name for name in environment.variables if shown(name)]
    return {
        "kernel_id": id,
        "environment": environment.name,
        "engine": running.engine.manifest.engine,
        "go_version": environment.toolchain.version,
        "variables": environment.explained(sorted(names)),
    }
