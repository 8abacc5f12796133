"""`jupyter gokernel bundle list`: the bundles that kernels use."""

from __future__ import annotations

from typing import Any

from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
from go_kernel.findings import spoken_time
from go_kernel.offline.store import Bundle, BundleStores, bundles


class GoKernelBundleList(GoKernelCommand):
    """Lists bundles."""

    name = "jupyter-gokernel bundle list"
    description = (
        "Lists the bundles that kernels use, in the order in which they are asked for modules: "
        "yours, the one that was used last first, then the site's. Bundles that others could have "
        "written are not used, and it is said which."
    )
    examples = """
jupyter gokernel bundle list
jupyter gokernel bundle list --json
"""
    flags = JSON_FLAG | SHARED_FLAGS

    def run(self) -> int:
        """List them."""
        found = bundles(BundleStores.from_environment(self.environ))
        if self.as_json:
            output.print_json({"bundles": [plain(bundle) for bundle in found.bundles]})
        else:
            output.print_table(
                ("NAME", "ID", "MODULES", "ENGINES", "GO", "SIZE", "STORE", "FOLDER"),
                [_row(bundle) for bundle in found.bundles],
                "There is no bundle here; `jupyter gokernel bundle use FILE` unpacks one.",
            )
        for finding in found.findings:
            output.say_finding(finding)
        return 0


def plain(bundle: Bundle) -> dict[str, Any]:
    """A bundle as JSON has it."""
    about = bundle.summary
    return {
        "id": bundle.id,
        "name": bundle.name or None,
        "store": "site" if bundle.site else "user",
        "folder": str(bundle.folder),
        "sha256": about.sha256 or None,
        "used_at": spoken_time(about.used_at),
        "made_by": about.made_by,
        "go_version": about.go_version,
        "engines": [{"name": name, "pins": pins} for name, pins in about.engines],
        "projects": list(about.projects),
        "extras": list(about.extras),
        "toolchains": [
            {"platform": platform, "go_version": version, "goroot": str(goroot)}
            for platform, version, goroot in bundle.toolchains
        ],
        "modules": about.modules,
        "files": about.files,
        "size": about.size,
    }


def spoken_toolchains(bundle: Bundle) -> str:
    """`Go 1.26.8 for linux-amd64`, for each of them."""
    said = (f"Go {version} for {platform}" for platform, version, _ in bundle.toolchains)
    return ", ".join(said)


def _row(bundle: Bundle) -> tuple[str, ...]:
    about = bundle.summary
    engines = ", ".join(name for name, _ in about.engines)
    gos = ", ".join(f"{version} ({platform})" for platform, version, _ in bundle.toolchains)
    store = "site" if bundle.site else "user"
    size = f"{about.size / 1e6:.0f} MB"
    count = str(about.modules)
    folder = str(bundle.folder)
    return bundle.name or "-", bundle.id, count, engines or "-", gos or "-", size, store, folder
