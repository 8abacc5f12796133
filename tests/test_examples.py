"""The example notebook for both engines gives the same on both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernels import install
from tools.notebook import execute

NOTEBOOK = Path(__file__).parents[1] / "examples" / "tour.ipynb"


def test_the_tour_is_the_same_on_both_engines(
    goroot: Callable[[str], Path],
    clean_env: dict[str, str],
    dev_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What each cell prints, on the same Go."""
    for name, value in clean_env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GOKERNEL_STORE", str(dev_cache / "engines"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    printed = {}
    for engine in ("gophernotes", "gonb"):
        kernel = install(tmp_path, engine=engine, goroot=str(goroot("1.26")))
        printed[engine] = [cell.outputs for cell in execute(NOTEBOOK, kernel)]

    assert printed["gophernotes"] == printed["gonb"]
    assert any("fibonacci(20) = 6765" in line for line in printed["gonb"][0])
