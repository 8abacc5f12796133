"""`doctor --list`: every check, what breaks it, what mends it."""

from __future__ import annotations

import shutil
import sys

from go_kernel.cli import output
from go_kernel.cli.doctor import shown
from go_kernel.health import catalogue
from go_kernel.health.check import Check
from go_kernel.health.fixes import registry
from go_kernel.health.project.checks import NOWHERE, checks

# What the table needs for its sentences to be lines and not towers.
_TABLE_WIDTH = 160
# They take a folder, so they are in no list of checks that run by themselves.
_OF_PROJECTS = tuple(checks(NOWHERE))


def every() -> tuple[Check, ...]:
    """All checks there are, in the order they are shown."""
    return (*catalogue.CHECKS, *_OF_PROJECTS)


def show(*, as_json: bool) -> None:
    """Print them all."""
    if as_json:
        output.print_json({"checks": [_plain(one) for one in every()], "fixes": _fixes()})
        return
    if _is_narrow():
        for one in every():
            _print_block(one)
        return
    output.print_table(
        ("CHECK", "KIND", "LOOKS AT", "BROKEN BY", "MENDED BY", "FIX"),
        [
            (
                one.id,
                one.kind.value,
                one.title,
                one.broken_by,
                one.mended_by,
                ", ".join(one.fixes),
            )
            for one in every()
        ],
        "There are no checks.",
    )


def _is_narrow() -> bool:
    """Whether the table's columns would be too narrow to read on this terminal."""
    return sys.stdout.isatty() and shutil.get_terminal_size().columns < _TABLE_WIDTH


def _print_block(check: Check) -> None:
    said = [
        ("broken by", check.broken_by),
        ("mended by", check.mended_by),
        ("fix", ", ".join(check.fixes)),
    ]
    shown.print_block(
        f"{check.id} ({check.kind.value}): {check.title}",
        [f"{name}: {text}" for name, text in said if text],
    )


def _plain(check: Check) -> dict[str, object]:
    return {
        "id": check.id,
        "kind": check.kind.value,
        "about": check.about.value,
        "title": check.title,
        "broken_by": check.broken_by,
        "mended_by": check.mended_by,
        "fixes": list(check.fixes),
    }


def _fixes() -> list[dict[str, object]]:
    return [
        {"id": one.id, "title": one.title, "risk": one.risk.value, "recheck": list(one.recheck)}
        for one in registry.FIXES
    ]
