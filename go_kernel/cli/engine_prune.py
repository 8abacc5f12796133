"""`jupyter gokernel engine prune`: remove built engines that nobody uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traitlets import Bool

from go_kernel import engine_use, installed
from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
from go_kernel.engines import plugins
from go_kernel.engines.errors import StoreUnwritable
from go_kernel.engines.plugins import PluginStore
from go_kernel.engines.store import Build, Stores


class GoKernelEnginePrune(GoKernelCommand):
    """Removes built engines."""

    name = "jupyter-gokernel engine prune"
    description = (
        "Removes from the user's own store the engines that no installed kernel would use, their "
        "plugins (the imports that kernels compiled), and what interrupted builds left. An engine "
        "of which a kernel runs at this moment stays, and the site's stores are never touched."
    )
    examples = """
jupyter gokernel engine prune --dry-run    # only say what would be removed
jupyter gokernel engine prune
jupyter gokernel engine prune --plugins    # compiled imports of all engines, too
"""
    flags = (
        {
            "dry-run": (
                {"GoKernelEnginePrune": {"dry_run": True}},
                "Only say what would be removed.",
            ),
            "plugins": (
                {"GoKernelEnginePrune": {"plugins": True}},
                "Remove the plugins of engines that stay, too.",
            ),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )

    dry_run = Bool(False, config=True, help="Only say what would be removed.")
    plugins = Bool(False, config=True, help="Remove the plugins of engines that stay, too.")

    def run(self) -> int:
        """Remove them, or say which."""
        stores = Stores.from_environment(self.environ)
        own = [build for build in stores.builds() if build.folder.parent == stores.user]
        users = engine_use.users(own, installed.find(self.kernel_dirs), self.environ)
        running = engine_use.running(own)
        keep = {one.key for one in own if users[one.folder] or one.folder in running}
        removed = [one for one in own if one.key not in keep]
        sizes = {one.key: engine_use.size_on_disk(one) for one in removed}
        compiled = plugins.kept(stores) if self.plugins else plugins.unused(stores, keep)
        if not self.dry_run:
            try:
                removed = stores.prune(keep)
                plugins.prune(compiled)
            except OSError as error:
                raise StoreUnwritable(stores.user, error.strerror or str(error)) from error
        if self.as_json:
            plain = [_plain(build, sizes[build.key]) for build in removed]
            told = [{"key": o.key, "size": o.size, "folder": str(o.folder)} for o in compiled]
            output.print_json({"dry_run": self.dry_run, "removed": plain, "plugins": told})
        else:
            self._report(removed, sizes, compiled)
        return 0

    def _report(
        self, removed: list[Build], sizes: Mapping[str, int], compiled: list[PluginStore]
    ) -> None:
        verb = "Would remove" if self.dry_run else "Removed"
        for build in removed:
            made = build.manifest
            said = f"{verb} {made.engine} for Go {made.go_version}"
            print(output.printable(f"{said}, {sizes[build.key] / 1e6:.0f} MB ({build.folder})"))
        for one in compiled:
            said = f"{verb} the plugins of {one.key}, {one.size / 1e6:.0f} MB ({one.folder})"
            print(output.printable(said))
        if not removed and not compiled:
            print("Every built engine is in use; nothing to remove.")


def _plain(build: Build, size: int) -> dict[str, Any]:
    made = build.manifest
    return {
        "key": build.key,
        "engine": made.engine,
        "go_version": made.go_version,
        "size": size,
        "folder": str(build.folder),
    }
