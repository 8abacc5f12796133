"""Progress where nothing can be overwritten: a log that stays short."""

from __future__ import annotations

import pytest

from go_kernel.cli import output


def test_counting_lines_are_rare(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of lines that only count on there is one every ten seconds; any other is printed at once."""
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with output.progress("demo") as line:
        for count in range(1, 25):
            line(f"Compiling gophernotes: {count} packages, {count} s")
            now += 1
        line("Testing the engine")
        line("Compiling plugins: 1 packages, 0 s")
    assert capsys.readouterr().err.splitlines() == [
        "demo: Compiling gophernotes: 1 packages, 1 s",
        "demo: Compiling gophernotes: 11 packages, 11 s",
        "demo: Compiling gophernotes: 21 packages, 21 s",
        "demo: Testing the engine",
        "demo: Compiling plugins: 1 packages, 0 s",
    ]
