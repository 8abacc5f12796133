"""What can't be repaired by tidying or vendoring, told before anything is tried."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

from go_kernel.files import exists, is_folder
from go_kernel.findings import Remedy
from go_kernel.project import pipes
from go_kernel.project.force import InForce, Module
from go_kernel.project.go import ProjectGo
from go_kernel.project.repair import siblings
from go_kernel.project.repair.errors import NotRepairable


def of_module(go: ProjectGo, found: InForce, module: Module) -> None:
    """Refuse what is nobody's project, and what Go would wait for; raises NotRepairable."""
    cache = go.variables.get("GOMODCACHE", "")
    if cache and module.folder.is_relative_to(Path(cache).resolve()):
        raise NotRepairable(
            module.folder,
            "is a module that Go downloaded, which nobody changes",
            "Repair the project that requires it.",
        )
    if module.file.parent != module.folder:
        raise NotRepairable(
            module.file,
            f"takes the place of {module.folder / 'go.mod'} (-modfile) from another folder",
            "Repair it without that flag, or run `go mod tidy` yourself.",
        )
    if file := pipes.first(found):
        raise NotRepairable(
            file,
            "is no plain file, and Go would wait for what comes out of it",
            "Take it away, or put a plain file in its place.",
        )


def of_workspace(go: ProjectGo, found: InForce, work: Path, module: Module) -> None:
    """Refuse where go.work itself is what keeps Go from building; raises NotRepairable."""
    command = f"{quote(str(go.go))} -C {quote(str(work.parent))} work"
    if not found.is_own_used:
        raise NotRepairable(
            module.folder,
            f"is not among the modules that {work} uses, so Go builds nothing there",
            Remedy(
                "Add it",
                (f"{command} use {quote(siblings.seen_from(work.parent, module.folder))}",),
            ),
        )
    for folder in found.missing:
        used = [str(one.get("DiskPath")) for one in found.work.get("Use") or ()]
        said = next(one for one in used if Path(os.path.normpath(work.parent / one)) == folder)
        raise NotRepairable(
            work,
            f"uses {folder}, which holds no go.mod, so Go builds nothing of it",
            Remedy(
                "Bring it back, or take it out", (f"{command} edit {quote(f'-dropuse={said}')}",)
            ),
        )


def of_vendor(go: ProjectGo, found: InForce) -> None:
    """Refuse a vendor folder that `go mod vendor` must not touch; raises NotRepairable."""
    vendor = found.vendor
    if found.gowork and vendor and vendor.used:
        command = f"{quote(str(go.go))} -C {quote(str(found.gowork.parent))} work vendor"
        raise NotRepairable(
            vendor.folder,
            "is a workspace's, which only Go itself makes anew",
            Remedy("Have it do that", (command,)),
        )
    if vendor and vendor.used and _is_foreign(vendor.folder):
        raise NotRepairable(
            vendor.folder,
            "has no modules.txt, so Go didn't make it, and `go mod vendor` would empty it",
            "Rename it where it isn't meant for Go; else remove it and check again.",
        )


def _is_foreign(vendor: Path) -> bool:
    if not is_folder(vendor) or exists(vendor / "modules.txt"):
        return False
    return any(vendor.iterdir())
