"""`jupyter gokernel engine list`: built engines, and who uses them."""

from __future__ import annotations

from typing import Any

from go_kernel import engine_use, installed
from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
from go_kernel.engines.store import Build, Stores


class GoKernelEngineList(GoKernelCommand):
    """Lists built engines."""

    name = "jupyter-gokernel engine list"
    description = (
        "Lists the built engines of all stores: the Go they were built with, their size, and the "
        "installed kernels that use them."
    )
    examples = """
jupyter gokernel engine list
jupyter gokernel engine list --json
"""
    flags = JSON_FLAG | SHARED_FLAGS

    def run(self) -> int:
        """List them."""
        stores = Stores.from_environment(self.environ)
        builds = stores.builds()
        users = engine_use.users(builds, installed.find(self.kernel_dirs), self.environ)
        if self.as_json:
            plain = [_plain(build, users[build.folder], stores) for build in builds]
            output.print_json({"builds": plain})
        else:
            output.print_table(
                ("ENGINE", "GO", "SIZE", "KERNELS", "STORE", "FOLDER"),
                [_row(build, users[build.folder], stores) for build in builds],
                "No engine is built yet; installing a kernel builds one.",
            )
        for finding in stores.findings():
            output.say_finding(finding)
        return 0


def store_of(build: Build, stores: Stores) -> str:
    """`user` or `site`."""
    return "user" if build.folder.parent == stores.user else "site"


def _plain(build: Build, kernels: list[str], stores: Stores) -> dict[str, Any]:
    made = build.manifest
    return {
        "key": build.key,
        "engine": made.engine,
        "go_version": made.go_version,
        "cgo": made.cgo,
        "size": engine_use.size_on_disk(build),
        "built_at": made.built_at,
        "kernels": kernels,
        "store": store_of(build, stores),
        "folder": str(build.folder),
    }


def _row(build: Build, kernels: list[str], stores: Stores) -> tuple[str, ...]:
    made = build.manifest
    size = f"{engine_use.size_on_disk(build) / 1e6:.0f} MB"
    used = ", ".join(kernels) or "-"
    return made.engine, made.go_version, size, used, store_of(build, stores), str(build.folder)
