"""The page of faults says what the tests of faults found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import injector
from tests.faults.table import PROXY, TABLES, markdown

PAGE = Path(__file__).parents[2] / "docs" / "offline-faults.md"


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_each_table(name: str) -> None:
    """Word for word."""
    assert markdown(TABLES[name]) in PAGE.read_text()


def test_every_fault_of_the_proxy_is_in_its_table() -> None:
    """But for hanging, in which a command is killed or interrupted."""
    tried = {row.fault for row in PROXY}
    assert tried == {*injector.FAULTS, *injector.STATUSES} - {"hang"}
