"""What tests of repairs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project.repairing import Bench


@pytest.fixture(scope="module")
def bench(
    tmp_path_factory: pytest.TempPathFactory, goroot: Callable[[str], Path], dev_cache: Path
) -> Bench:
    """Projects with a real Go, its build cache, and a proxy in a folder."""
    return Bench(tmp_path_factory.mktemp("repair"), goroot("1.26"), dev_cache / "gocache")
