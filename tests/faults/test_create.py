"""`bundle create` on bad days: one sentence, nothing half-made, the next try works."""

from __future__ import annotations

import pytest

from tests.cli.conftest import CommandLine
from tests.faults import left
from tests.faults.badday import DEP, VERSION, BadDay
from tests.faults.table import PROXY, Row

ZIP = f"{DEP}/@v/{VERSION}.zip"


@pytest.mark.parametrize("row", PROXY, ids=lambda row: row.fault)
def test_each_fault_gives_its_sentence(
    day: BadDay, line: CommandLine, words: list[str], row: Row
) -> None:
    """Once, with what to do; neither the file nor a piece of it is there, and the rerun works."""
    day.faulty(row.fault, ZIP)
    if row.gave:
        done = line(*words)
        assert done.code == 1
        assert done.out == ""
        said = " ".join(done.err.split())
        assert said.count("Error:") == 1
        assert f"{row.gives(f'{DEP}@{VERSION}')}. {row.remedy}" in said
        assert "Traceback" not in done.err
        assert left.by_create(line) == []
        assert not (line.cwd / "b").exists()
        day.faulty("")
    assert line(*words).code == 0
    assert line("bundle", "verify", "b").code == 0
    assert left.by_create(line) == []
