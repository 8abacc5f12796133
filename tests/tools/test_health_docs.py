"""The page about health says what the code does."""

from __future__ import annotations

import pytest

from go_kernel.cli.doctor.checklist import every
from go_kernel.health.fixes import registry
from tools import health_docs


def test_the_page_is_up_to_date() -> None:
    """`python -m tools.health_docs` would change nothing."""
    page = health_docs.PAGE.read_text()
    assert page == health_docs.written(page), "run `python -m tools.health_docs`"


def test_every_check_and_fix_is_there() -> None:
    """One row for each, whatever kind it is."""
    page = health_docs.PAGE.read_text()
    for one in (*every(), *registry.FIXES):
        assert page.count(f"\n| `{one.id}` |") == 1


def test_fixes_and_checks_name_each_other() -> None:
    """A check names fixes that there are, and a fix rechecks checks that there are."""
    checks, fixes = {one.id for one in every()}, {one.id for one in registry.FIXES}
    assert {fix for one in every() for fix in one.fixes} == fixes
    assert {check for one in registry.FIXES for check in one.recheck} <= checks


def test_a_page_without_marks() -> None:
    """Somebody who edits the marks away is told."""
    with pytest.raises(ValueError, match="must stand there once"):
        health_docs.written("# Is my Go healthy?\n")
