"""The list of all fixes."""

from __future__ import annotations

from go_kernel.health.fix import FixKind, UnknownFix

FIXES: tuple[FixKind, ...] = ()


def get(said: str) -> FixKind:
    """The fix of this id; raises UnknownFix."""
    for fix in FIXES:
        if fix.id == said:
            return fix
    raise UnknownFix(said)
