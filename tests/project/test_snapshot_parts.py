"""What a snapshot is made of: values without places, drifts of builds, a file that stays whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from go_kernel.project.snapshot import drift, variables
from go_kernel.project.snapshot.model import Build
from tests import unprivileged

PLACES = {"HOME": Path("/home/ada"), "CONDA_PREFIX": Path("/home/ada/envs/demo")}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("-I/home/ada/envs/demo/include", "-I$CONDA_PREFIX/include"),
        (
            "-O2 -L/home/ada/lib -Wl,-rpath,/home/ada/envs/demo/lib",
            "-O2 -L$HOME/lib -Wl,-rpath,$CONDA_PREFIX/lib",
        ),
        ("file:///home/ada/proxy|/home/ada/envs/demo", "file://$HOME/proxy|$CONDA_PREFIX"),
        ("/home/ada2/x /srv/home/ada/y", "/home/ada2/x /srv/home/ada/y"),
        ("/home/ada", "$HOME"),
    ],
)
def test_places_are_named(value: str, shown: str) -> None:
    """Whole paths alone, wherever an option or a list has them; the nearest place counts."""
    assert variables.shown({"X": value}, PLACES) == {"X": shown}


def test_secrets_are_masked() -> None:
    """By the rules that hold for all that is shown."""
    given = {"GOPROXY": "https://a:hunter2@proxy.invalid,direct", "GOAUTH": "hunter2", "CC": ""}

    shown = variables.shown(given, PLACES)

    assert set(shown) == {"GOPROXY", "GOAUTH"}
    assert "hunter2" not in str(shown)


def test_programs_that_come_out_otherwise() -> None:
    """Each by its name, with the first digits of both hashes; the others aren't said."""
    then = (_built("./a", "a"), _built("./b", "b"))
    now = (_built("./a", "a"), _built("./b", "c"))

    [one] = drift.of_builds(then, now)

    assert (one.kind, one.name, one.was, one.now) == (
        "build",
        "./b",
        "b" * 12 + "...",
        "c" * 12 + "...",
    )
    assert one.counts


def _built(package: str, digit: str, anywhere: str | None = None) -> Build:
    return Build(package, digit * 64, 1, (digit if anywhere is None else anywhere) * 64)


@pytest.mark.parametrize(
    ("was", "now", "counts"), [("c", "c", False), ("c", "d", True), ("", "", True)]
)
def test_programs_that_hold_the_folder_of_their_environment(
    was: str, now: str, counts: bool
) -> None:
    """What differs by it alone doesn't count; where nobody can tell, it does."""
    [one] = drift.of_builds((_built("./a", "a", was),), (_built("./a", "b", now),))

    assert one.counts is counts


def test_a_folder_that_may_not_be_written() -> None:
    """One sentence names the file, and nothing is left behind."""
    code = """
from pathlib import Path
from go_kernel.project.snapshot import file
from go_kernel.project.snapshot.errors import Unwritable
from go_kernel.project.snapshot.model import Snapshot, Toolchain
drop()
try:
    file.write(Path(sys.argv[1]) / "s.json", Snapshot(Toolchain("1.26.6", "linux/amd64", "a" * 64)))
except Unwritable as error:
    print(json.dumps(str(error)))
"""
    with unprivileged.open_folder() as folder:
        said = unprivileged.run(code, folder)
        left = [*folder.iterdir()]

    assert said.startswith(f"{folder}/s.json can't be written: Permission denied.")
    assert left == []
