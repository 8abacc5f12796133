"""What the panel knows of the checks is what the checks are."""

from __future__ import annotations

import re

from go_kernel.health.catalogue import LIVE
from tests.browser.world import ROOT


def test_deep_checks() -> None:
    """The panel names the very checks that only a deep check makes."""
    text = (ROOT / "labextension" / "src" / "contract.ts").read_text()
    found = re.search(r"DEEP.*?\[(.*?)\]", text, re.DOTALL)
    assert found is not None
    assert set(re.findall(r"'(.+?)'", found[1])) == {check.id for check in LIVE}
