"""The list of all fixes."""

from __future__ import annotations

from go_kernel.health.fix import FixKind, UnknownFix
from go_kernel.health.fixes import (
    bundles_sweep,
    engine_rebuild,
    goroot_repair,
    hash_repin,
    kernelspec_install,
    kernelspec_reinstall,
    kernelspec_remove,
    modcache_clear,
    places_make,
    project_repair,
)

FIXES: tuple[FixKind, ...] = (
    engine_rebuild.FIX,
    kernelspec_reinstall.FIX,
    kernelspec_remove.FIX,
    kernelspec_install.FIX,
    goroot_repair.FIX,
    hash_repin.FIX,
    modcache_clear.FIX,
    places_make.FIX,
    bundles_sweep.FIX,
    project_repair.FIX,
)


def get(said: str) -> FixKind:
    """The fix of this id; raises UnknownFix."""
    for fix in FIXES:
        if fix.id == said:
            return fix
    raise UnknownFix(said)
