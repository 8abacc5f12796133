"""docs/apply.md: what is typed there is typed here, and prints the same."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from go_kernel.declared import schema
from tests.cli.conftest import CommandLine
from tests.cli.conftest import cli as cli
from tests.offline import transcript
from tests.offline.transcript import without_chance

PAGE = Path(__file__).parents[2] / "docs" / "apply.md"
_FILE = re.compile(r"(?s)<!-- file: gokernel.yml -->\n```yaml\n(.*?)```|<!-- transcript: (\w+) -->")
# What comes and goes on a terminal's line.
_PROGRESS = re.compile(r"(?:environment|kernel|engine|bundle) [^:]*: ")


@pytest.fixture
def machine(cli: CommandLine, dev_cache: Path, channel: Path) -> CommandLine:
    """Ada's: an empty home, a folder for the file, a channel at hand."""
    cli.env["RATTLER_CACHE_DIR"] = str(dev_cache / "rattler")
    cli.env["JUPYTER_DATA_DIR"] = str(cli.home / ".local" / "share" / "jupyter")
    cli.env["PYTHONPATH"] = str(PAGE.parents[1])
    cli.cwd = cli.home / "course"
    cli.cwd.mkdir()
    return cli


def printed(machine: CommandLine, command: str, channel: Path) -> str:
    """What a command prints, with the places of the page."""
    words = command.removeprefix("jupyter gokernel ").split()
    done = subprocess.run(
        machine.argv(*words),
        env=machine.env,
        cwd=machine.cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
    )
    lines = done.stdout.decode().splitlines()
    text = "".join(f"{line}\n" for line in lines if not _PROGRESS.match(line))
    text = text.replace(channel.as_uri(), "conda-forge").replace(str(channel), "conda-forge")
    return text.replace(str(machine.home), "/home/ada")


def test_transcripts(machine: CommandLine, channel: Path) -> None:
    """Each file of the page is written, and what follows it typed and compared."""
    page = PAGE.read_text()
    typed: list[str] = []
    for found in _FILE.finditer(page):
        if found[1]:
            text = found[1].replace("[conda-forge]", f"[{channel}]")
            (machine.cwd / "gokernel.yml").write_text(text)
            continue
        told = [f"$ {step.command}\n{step.printed}" for step in transcript.steps(page, found[2])]
        here = [
            f"$ {step.command}\n{printed(machine, step.command, channel)}"
            for step in transcript.steps(page, found[2])
        ]
        typed += here
        assert without_chance("".join(told)) == without_chance("".join(here)), "".join(here)
    assert len(typed) == 9


def test_the_table_has_every_key() -> None:
    """A key that may be declared and isn't told of would be found by nobody."""
    page = PAGE.read_text()
    table = page[page.index("| where | what |") : page.index("Relative paths count")]
    for key in _keys(json.loads(schema.text())):
        assert f"`{key}`" in table or f".{key}`" in table, key


def _keys(part: Any) -> Iterator[str]:
    for name, inner in part.get("properties", {}).items():
        if "properties" not in inner and "items" not in inner:
            yield name
        yield from _keys(inner)
        yield from _keys(inner.get("items", {}))
