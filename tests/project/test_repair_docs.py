"""What docs/project-repair.md shows is what comes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import prefixes
from tests.offline import transcript
from tests.project.repairing import LIB, MAIN, Bench

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "project-repair.md").read_text()
_JUPYTER = """#!/bin/sh
shift
exec {python} -m go_kernel.cli.main "$@"
"""


@pytest.fixture(scope="module")
def home(bench: Bench) -> Path:
    """A person's home, with an environment demo that has Go, and `jupyter`."""
    home = Path(bench.variables["HOME"])
    demo = prefixes.prefix(home / ".conda" / "envs" / "demo")
    (demo / "bin").mkdir()
    (demo / "go").symlink_to(bench.goroot)
    (demo / "bin" / "go").symlink_to("../go/bin/go")
    prefixes.program(demo / "bin" / "jupyter", _JUPYTER.format(python=sys.executable))
    return home


def typed(bench: Bench, home: Path, root: Path, command: str) -> str:
    """What a terminal shows of a command, without lines that say what is going on."""
    env = {
        **bench.variables,
        "PATH": f"{home}/.conda/envs/demo/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "GOTOOLCHAIN": "local",
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=root, env=env, capture_output=True, text=True, check=False
    )
    told = [one for one in done.stderr.splitlines(True) if not one.startswith(("demo: ", "doctor"))]
    return (done.stdout + "".join(told)).replace(str(root), "/home/ada/app")


def _tidy(bench: Bench) -> Path:
    return bench.project()


def _vendor(bench: Bench) -> Path:
    return bench.vendored()


def _worse(bench: Bench) -> Path:
    root = bench.vendored()
    lib = root / "vendor" / LIB / "lib.go"
    lib.write_text(f"{lib.read_text()}\nconst Mine = 1\n")
    (root / "main.go").write_text(MAIN.replace("lib.Text", "lib.Mine"))
    return root


@pytest.mark.parametrize(
    ("name", "make"), [("tidy", _tidy), ("vendor", _vendor), ("worse", _worse)]
)
def test_transcripts(bench: Bench, home: Path, name: str, make: Callable[[Bench], Path]) -> None:
    """Each command prints what the page shows."""
    root = make(bench)
    steps = transcript.steps(PAGE, name)
    came = [typed(bench, home, root, step.command) for step in steps]
    printed = "".join(f"$ {a.command}\n{b}" for a, b in zip(steps, came, strict=True))
    told = [transcript.without_chance(step.printed) for step in steps]
    assert [transcript.without_chance(one) for one in came] == told, f"\n{printed}"
