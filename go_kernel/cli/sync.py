"""`jupyter gokernel sync`: the kernels follow the environments as they come and go."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Unicode

from go_kernel import follow, installed, kernelspec
from go_kernel.cli import installing, output
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED
from go_kernel.findings import GoKernelError
from go_kernel.follow import Plan
from go_kernel.install import Request
from go_kernel.installed import Kernel
from go_kernel.inventory import GoEnvironmentFound
from go_kernel.resolve import Target


class GoKernelSync(GoKernelCommand):
    """Makes the kernels follow the environments."""

    name = "jupyter-gokernel sync"
    description = (
        "Installs a kernel for each conda environment that has Go and no kernel yet; with --prune "
        "it also removes the kernels whose environment, or the Go in it, was removed. Kernelspecs "
        "that jupyter-gokernel did not make are left alone."
    )
    examples = """
jupyter gokernel sync --prune --dry-run    # only say what would be done
jupyter gokernel sync --prune
"""
    aliases = SHARED_ALIASES | {
        "prefix": ("GoKernelSync.prefix", "Install below this folder, in share/jupyter."),
    }
    flags = (
        {
            "prune": ({"GoKernelSync": {"prune": True}}, "Remove kernels that are left over."),
            "dry-run": ({"GoKernelSync": {"dry_run": True}}, "Only say what would be done."),
            "offline": (
                {"GoKernelSync": {"offline": True}},
                "The new kernels fetch nothing, as those of `install --offline`.",
            ),
            "user": ({"GoKernelSync": {"user": True}}, "Install for this user (the default)."),
            "sys-prefix": (
                {"GoKernelSync": {"sys_prefix": True}},
                "Install into the Python environment that this command runs in.",
            ),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {"prefix": "PATH"}
    uses_provisioner_config = True

    prune = Bool(False, config=True, help="Remove kernels that are left over.")
    dry_run = Bool(False, config=True, help="Only say what would be done.")
    offline = Bool(False, config=True, help="Whether the new kernels fetch nothing.")
    user = Bool(False, config=True, help="Install for this user.")
    sys_prefix = Bool(False, config=True, help="Install into this Python's environment.")
    prefix = Unicode(config=True, help="Install below this folder.")

    def run(self) -> int:
        """Plan, then do it or say it."""
        kernels = installed.find(self.kernel_dirs)
        plan = follow.plan(self.environ, kernels, self.cwd, prune=self.prune)
        for one in plan.broken:
            output.say(f"error: {one.name}: {one.problem}")
        targets = [Target(one.name, prefix=one.prefix) for one in plan.install]
        if self.dry_run:
            return self._show(plan, targets)
        where = installing.destination(
            self, user=self.user, sys_prefix=self.sys_prefix, prefix=self.prefix
        )
        # First what goes: a name that becomes free is there for a new one.
        removed, not_removed = self._remove(plan.remove)
        requests = [Request(target, offline=self.offline) for target in targets]
        outcomes = installing.install_each(self, requests, where)
        installing.report(self, outcomes, where)
        self._report(plan, outcomes, removed)
        failed = [one for one in outcomes if isinstance(one, installing.Failed)]
        return FAILED if failed or not_removed else 0

    def _remove(self, kernels: tuple[Kernel, ...]) -> tuple[list[Kernel], list[Kernel]]:
        removed, not_removed = [], []
        for kernel in kernels:
            try:
                kernelspec.remove(kernel.folder)
                removed.append(kernel)
            except GoKernelError as error:
                output.say(f"Error: {kernel.name}: {error}")
                not_removed.append(kernel)
        return removed, not_removed

    def _report(
        self, plan: Plan, outcomes: list[installing.Outcome], removed: list[Kernel]
    ) -> None:
        if self.as_json:
            good = [one for one in outcomes if not isinstance(one, installing.Failed)]
            failed = [one for one in outcomes if isinstance(one, installing.Failed)]
            output.print_json(
                {
                    "dry_run": False,
                    "installed": [installing.plain(one) for one in good],
                    "failed": [installing.plain(one) for one in failed],
                    "removed": [_plain(kernel) for kernel in removed],
                    "broken": [_plain_broken(one) for one in plan.broken],
                }
            )
            return
        for kernel in removed:
            print(output.printable(f"Removed {kernel.display_name} ({kernel.folder})"))
        if not outcomes and not removed:
            print("Every environment that has Go has its kernel; nothing to do.")

    def _show(self, plan: Plan, targets: list[Target]) -> int:
        if self.as_json:
            output.print_json(
                {
                    "dry_run": True,
                    "installed": [
                        {"environment": one.name, "prefix": str(one.prefix)} for one in targets
                    ],
                    "failed": [],
                    "removed": [_plain(kernel) for kernel in plan.remove],
                    "broken": [_plain_broken(one) for one in plan.broken],
                }
            )
            return 0
        for target in targets:
            print(output.printable(f"Would install a kernel for {target.name} ({target.prefix})"))
        for kernel in plan.remove:
            print(output.printable(f"Would remove {kernel.display_name} ({kernel.folder})"))
        if not targets and not plan.remove:
            print("Every environment that has Go has its kernel; nothing to do.")
        return 0


def _plain(kernel: Kernel) -> dict[str, Any]:
    return {"name": kernel.name, "resource_dir": str(kernel.folder)}


def _plain_broken(found: GoEnvironmentFound) -> dict[str, Any]:
    return {"environment": found.name, "prefix": str(found.prefix), "problem": found.problem}
