"""What the linker is told."""

from __future__ import annotations

import pytest

from go_kernel.engines.linking import linker_flags

GIVEN = {
    ((), (1, 22)): "-ldflags=-w",
    ((), (1, 23)): "-ldflags=-w -checklinkname=0",
    (("-trimpath", "-ldflags=-s -w"), (1, 27)): "-ldflags=-s -w -checklinkname=0",
    (("-ldflags=-s", "--ldflags=-X 'a=b  c'"), (1, 27)): "-ldflags=-X 'a=b  c' -checklinkname=0",
    (("-ldflags=",), (1, 27)): "-ldflags=-checklinkname=0",
    (("-ldflags=-s",), (1, 22)): "-ldflags=-s",
}


@pytest.mark.parametrize(("flags", "release"), GIVEN)
def test_a_persons_own_linker_flags_stay(flags: tuple[str, ...], release: tuple[int, int]) -> None:
    """On the command line they would hide those of GOFLAGS, so they are said again."""
    assert linker_flags(flags, release) == [GIVEN[flags, release]]
