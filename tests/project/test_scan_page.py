"""docs/scan.md: what it shows is typed and compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from go_kernel.choose import embedded_goroot
from tests import prefixes
from tests.offline import transcript
from tests.project.scan_cases import mod, write

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scan.md").read_text()

_SHOP = """\
module example.org/shop

go 1.22

require (
	example.org/cart v1.2.0
	example.org/tax v0.3.0
)

replace (
	example.org/cart => ../cart
	example.org/tax => ../libraries/tax
)
"""
_CART = """\
module example.org/cart

go 1.22

require example.org/money v1.0.0

replace example.org/money v0.9.0 => ../money
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ada's home: the projects of the page, and an environment with two more."""
    home = tmp_path_factory.mktemp("ada")
    prefix = prefixes.go_prefix(home / ".conda/envs/research", "1.22.10")
    write(
        {
            "src/shop/go.mod": _SHOP,
            "src/shop/.git/HEAD": "",
            "src/cart/go.mod": _CART,
            "src/cart/.git/HEAD": "",
        },
        home,
    )
    plot = mod(
        "example.org/plot",
        "require example.org/axes v1.0.0",
        "replace example.org/axes => /home/ada/axes",
    )
    write(
        {"src/plot/go.mod": plot, "gopath/src/fit/go.mod": mod("example.org/fit", go="go 1.25")},
        prefix,
    )
    commands = home / "bin"
    commands.mkdir()
    jupyter = commands / "jupyter"
    jupyter.write_text(f'#!/bin/sh\nshift\nexec {sys.executable} -m go_kernel.cli.main "$@"\n')
    jupyter.chmod(0o755)
    return home


@pytest.mark.parametrize("name", ["scan", "explain", "envs", "json"])
def test_transcripts(name: str, home: Path) -> None:
    """Each command prints what the page says that it prints."""
    assert embedded_goroot() is not None
    env = {
        "HOME": str(home),
        "PATH": f"{home}/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "LANG": "C.UTF-8",
    }
    shown, came = [], []
    for step in transcript.steps(PAGE, name):
        done = subprocess.run(
            ["/bin/sh", "-c", step.command],
            env=env,
            cwd=home / "src",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        printed = done.stdout.replace(str(home), "/home/ada")
        shown += [f"$ {step.command}", *transcript.without_chance(step.printed)]
        came += [f"$ {step.command}", *transcript.without_chance(printed)]
    assert came == shown


def test_json_says_all(home: Path) -> None:
    """The JSON names roots, files and every field of a risk."""
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "go_kernel.cli.main", "scan", "--json"]
    done = subprocess.run(argv, env=env, cwd=home / "src", capture_output=True, text=True)
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["roots"] == [
        {"folder": f"{home}/src", "environment": "", "go_version": said["go_version"]}
    ]
    assert len(said["files"]) == 2
    assert {tuple(sorted(one)) for one in said["risks"]} == {
        (
            *("environment", "evidence", "file", "id", "module"),
            *("remedy", "replace", "status", "summary"),
        )
    }
