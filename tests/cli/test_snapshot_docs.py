"""docs/snapshot.md, typed: each command prints what stands there.

With GOKERNEL_WRITE_DOCS=1 the page gets what they print now.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli import snapshots
from tests.conftest import CondaPrefix
from tests.offline import transcript
from tests.offline.transcript import Step

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "snapshot.md"
BLOCKS = ("create", "verify", "vendor", "build", "byhand", "sbom")
_CHANCE = ((r"\b[0-9]+ bytes", "N bytes"), (r"_?h[0-9a-f]{7}_", "_ID_"), (r"\blinux-64\b", "HERE"))


class Person:
    """Somebody in a home of their own, with a project and two environments."""

    def __init__(self, base: Path, demo: Path, newer: Path, dev_cache: Path):
        self.home = base / "ada"
        self.home.mkdir()
        project = snapshots.make(self.home, demo / "bin" / "go")
        for link, prefix in (("demo", demo), ("newer", newer)):
            (self.home / "envs").mkdir(exist_ok=True)
            (self.home / "envs" / link).symlink_to(prefix)
        self.folder = project.folder
        self.env = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "CONDA_ENVS_DIRS": str(self.home / "envs"),
            "GOMODCACHE": str(project.modules),
            "GOPROXY": "off",
        }

    def types(self, step: Step) -> str:
        """What a command prints, stdout and stderr as a terminal shows them."""
        command = step.command.replace("/tmp/", f"{self.home}/")
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        said = re.sub(rf"{re.escape(str(self.home))}(?=/greet/greet)", "/tmp", done.stdout)
        said = said.replace(f"{self.home}/copy-of-greet", "/tmp/copy-of-greet")
        return said.replace(str(self.home), "/home/ada")


@pytest.fixture(scope="module")
def person(
    tmp_path_factory: pytest.TempPathFactory, conda_prefix: CondaPrefix, dev_cache: Path
) -> Person:
    """Who types it."""
    base = tmp_path_factory.mktemp("docs")
    return Person(base, conda_prefix("go=1.26"), conda_prefix("go=1.27"), dev_cache)


def _lines(text: str) -> list[str]:
    for pattern, word in _CHANCE:
        text = re.sub(pattern, word, text)
    return transcript.without_chance(text)


def _every() -> Iterator[Step]:
    page = PAGE.read_text()
    for name in BLOCKS:
        yield from transcript.steps(page, name)


def test_the_page_is_what_happens(person: Person) -> None:
    """All of its commands, in their order; and the build by hand has the snapshot's hash."""
    steps = [*_every()]
    printed = [person.types(step) for step in steps]

    if os.environ.get("GOKERNEL_WRITE_DOCS"):
        _write(steps, printed)
        steps = [*_every()]
    for step, now in zip(steps, printed, strict=True):
        assert _lines(now) == _lines(step.printed), step.command
    both = dict(zip((step.command for step in steps), printed, strict=True))
    built = next(text for command, text in both.items() if "--build" in command)
    by_hand = next(text for command, text in both.items() if "sha256sum" in command)
    assert by_hand.split()[0] in built


def _write(steps: list[Step], printed: list[str]) -> None:
    """Put into the page what the commands print now."""
    done, rest = "", PAGE.read_text()
    for step, now in zip(steps, printed, strict=True):
        before, command, rest = rest.partition(f"$ {step.command}\n")
        done += before + command + now
        rest = rest.removeprefix(step.printed)
    PAGE.write_text(done + rest)
