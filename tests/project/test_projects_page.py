"""docs/projects.md: what it shows is typed and compared."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.process import CommandFailed
from go_kernel.project.go import ProjectGo
from tests import prefixes
from tests.offline import transcript

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "projects.md"
TAX = "example.org/tax"
RATE = "package tax\n\nconst Rate = 7\n"
MAIN = f'package main\n\nimport "{TAX}"\n\nfunc main() {{ println(tax.Rate) }}\n'
NAMES = ("vendored", "nested", "five", "toolchain")


@pytest.fixture(scope="module")
def home(goroot: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ada's home: two environments with a real Go, and the projects of the page."""
    home = tmp_path_factory.mktemp("ada")
    for name in ("demo", "lab"):
        prefix = prefixes.prefix(home / ".conda/envs" / name)
        (prefix / "bin").mkdir()
        (prefix / "go").symlink_to(goroot("1.26"))
        (prefix / "bin" / "go").symlink_to("../go/bin/go")
        prefixes.package_variables(prefix, "go.json", {"GOTOOLCHAIN": "local"})
        prefixes.go_record(prefix)
    prefixes.state(prefix, {"GOFLAGS": "-mod=mod"})
    prefixes.write(home / ".config/go/env", f"GOBIN={home}/gobin\n")
    shop = f"module example.org/shop\n\ngo 1.26\n\nrequire {TAX} v1.0.0\n"
    replaced = f"{shop}\nreplace {TAX} => ../tax\n"
    files = {
        "tax/go.mod": f"module {TAX}\n\ngo 1.26\n",
        "tax/tax.go": RATE,
        "shop/go.mod": replaced,
        "shop/main.go": MAIN,
        "bill/go.mod": replaced.replace("shop", "bill"),
        "bill/main.go": MAIN,
        "bill/cmd/go.mod": shop.replace("shop", "bill/cmd"),
        "bill/cmd/main.go": MAIN,
        "news/go.mod": "module example.org/news\n\ngo 1.99\n",
    }
    for name, text in files.items():
        prefixes.write(home / "src" / name, text)
    go = ProjectGo(goroot("1.26") / "bin/go", {"PATH": "/usr/bin:/bin", "HOME": str(home)})
    go.run(home / "src/shop", "mod", "vendor")
    prefixes.write(home / "src/tax/tax.go", RATE.replace("7", "19"))
    prefixes.write(home / "src/bill/cmd/go.sum", "")
    with pytest.raises(CommandFailed):  # as the page says
        go.run(home / "src/bill/cmd", "build", "-o", "/dev/null", ".")
    jupyter = f'#!/bin/sh\nshift\nexec {sys.executable} -m go_kernel.cli.main "$@"\n'
    prefixes.program(home / "bin/jupyter", jupyter)
    return home


def typed(step: transcript.Step, home: Path) -> str:
    """What a command of the page prints."""
    env = {
        "HOME": str(home),
        "PATH": f"{home}/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        ["/bin/sh", "-c", step.command],
        env=env,
        cwd=home / "src",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # how far it is
        text=True,
    )
    return done.stdout.replace(str(home), "/home/ada")


@pytest.mark.parametrize("name", NAMES)
def test_transcripts(name: str, home: Path) -> None:
    """Each command prints what the page says that it prints."""
    shown, came = [], []
    for step in transcript.steps(PAGE.read_text(), name):
        shown += [f"$ {step.command}", *transcript.without_chance(step.printed)]
        came += [f"$ {step.command}", *transcript.without_chance(typed(step, home))]
    assert shown
    assert came == shown
