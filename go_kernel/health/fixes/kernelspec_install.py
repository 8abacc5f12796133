"""`kernelspec.install`: a kernel for an environment that has Go and none."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from go_kernel import folders, install, installed, naming
from go_kernel.engines import catalogue
from go_kernel.engines.build import check_supported
from go_kernel.files import nearest_existing, writable
from go_kernel.findings import Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import changing
from go_kernel.install import Request, Where

_ENGINE = "gophernotes"


def plan(context: Context) -> Plan | None:
    """Install for this user, as `jupyter gokernel install` does; raises as `resolve.resolve`."""
    subject = context.subject
    if subject.target is None or subject.kernels or context.resolved.environment.errors:
        return None
    engine = catalogue.get(_ENGINE)
    check_supported(engine, context.toolchain)
    where = Where(user_kernels(context.env), context.around.kernel_dirs, str(context.around.python))
    searched = any(installed.same_folder(where.kernels, one) for one in where.searched)
    if not (searched and writable(nearest_existing(where.kernels))):
        return None  # Jupyter would not see it
    present = installed.find([where.kernels, *where.searched])
    name = naming.choose(subject.target, _ENGINE, present)
    steps = (
        f'Install the kernel {name.name}, shown as "{name.shown}", in {where.kernels}.',
        f"Build {engine.display_name} with Go {context.toolchain.version} of {subject.place}, if "
        "it isn't built yet: about a minute. The environment's activation scripts run before.",
    )
    return Plan(steps, lambda: _install(context, where))


def user_kernels(env: Mapping[str, str], system: str = sys.platform) -> Path:
    """The folder that `install --user` writes to, for who has these variables.

    ref: https://docs.jupyter.org/en/latest/use/jupyter-directories.html
    """
    named = env.get("JUPYTER_DATA_DIR", "")
    if named:
        return Path(named) / "kernels"
    home = folders.home(env)
    if system == "darwin":
        return home / "Library" / "Jupyter" / "kernels"
    data = env.get("XDG_DATA_HOME", "")
    return (Path(data) if data else home / ".local" / "share") / "jupyter" / "kernels"


def _install(context: Context, where: Where) -> None:
    target = context.target
    with changing(context, target.place):
        install.install(
            Request(target, _ENGINE),
            where,
            context.env,
            limits=context.around.limits,
            policy=context.around.policy,
            progress=context.progress,
        )


FIX = FixKind(
    id="kernelspec.install",
    title="Install a kernel",
    risk=Risk.NONE,
    plan=plan,
    recheck=("kernelspec.present", "kernelspec.current", "engine.built", "engine.intact"),
)
