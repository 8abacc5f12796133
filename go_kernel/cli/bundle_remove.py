"""`jupyter gokernel bundle remove`: take bundles out of a store."""

from __future__ import annotations

from traitlets import Bool

from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
from go_kernel.offline.remove import remove
from go_kernel.offline.store import BundleStores


class GoKernelBundleRemove(GoKernelCommand):
    """Removes bundles."""

    name = "jupyter-gokernel bundle remove"
    description = (
        "Removes bundles from your own store, or with --site from the site's: those of these ids "
        "or names, all of them or none. A kernel that runs and was given one has to be restarted."
    )
    examples = """
jupyter gokernel bundle remove course
jupyter gokernel bundle remove 0123456789abcdef --site
"""
    flags = (
        {
            "site": (
                {"GoKernelBundleRemove": {"site": True}},
                "From the site's store, for everybody on this machine.",
            )
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    words = "ID-or-NAME..."
    words_allowed = (1, 1000)

    site = Bool(False, config=True, help="From the site's store.")

    def run(self) -> int:
        """Remove them."""
        stores = BundleStores.from_environment(self.environ)
        removed = remove(stores, self.extra_args, site=self.site)
        if self.as_json:
            told = [
                {"id": o.id, "name": o.name or None, "size": o.size, "folder": str(o.folder)}
                for o in removed
            ]
            output.print_json({"removed": told})
            return 0
        for one in removed:
            named = f"{one.name} ({one.id})" if one.name else one.id
            said = f"Removed the bundle {named}, {one.size / 1e6:.0f} MB ({one.folder})"
            print(output.printable(said))
        return 0
