"""Machines of people, online and offline: a home, this project's commands, and nothing else.

Everything of Jupyter's, Go's and ours that a person has is below their home.  Only what is
compiled (GOCACHE) is shared with the dev cache: it holds no module and no source, and compiling
the standard library and gopls again would take minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tests.hub import passable
from tests.offline import nonet

SECONDS = 540


@dataclass(frozen=True)
class Machine:
    """Somebody's machine; without `online` its programs are run where there is no network.

    `python` is the folder of Python's and our commands, by default those of this project;
    `uid` is whose programs are run (None: ours), and `needs` what they must be able to reach
    besides.
    """

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    online: bool = False
    python: Path = Path(sys.executable).parent
    uid: int | None = None
    needs: Sequence[Path] = ()

    @property
    def home(self) -> Path:
        """The person's home."""
        return self.folder / "home"

    @property
    def variables(self) -> dict[str, str]:
        """What a login there sets, and `env` besides."""
        return {
            # Commands without a path are the project's own, as in an active environment.
            "PATH": f"{self.python}:/usr/bin:/bin",
            "PYTHONPATH": str(passable.ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "GOKERNEL_SITE_STORES": "",
            "GOKERNEL_SITE_BUNDLES": "",
            **self.env,
        }

    def command(self, argv: Sequence[str | Path]) -> list[str]:
        """The argv that runs `argv` there."""
        if not self.online:
            return nonet.command(argv, uid=self.uid, needs=[self.folder, *self.needs])
        if self.uid in (None, os.geteuid()):
            return [str(word) for word in argv]
        assert self.uid is not None
        return passable.command(argv, uid=self.uid, needs=[self.folder, *self.needs])

    def run(self, *argv: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; its output, whatever its exit code."""
        self.home.mkdir(parents=True, exist_ok=True)
        return subprocess.run(
            self.command(argv),
            cwd=cwd or self.home,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def sh(self, line: str, cwd: Path | None = None) -> str:
        """What a line of shell prints on stdout; it must succeed."""
        done = self.run("/bin/sh", "-c", line, cwd=cwd)
        assert done.returncode == 0, f"$ {line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def outputs(self, kernel: str, *cells: str, cwd: Path | None = None) -> list[str]:
        """What cells print, or the error that each ends in, as text."""
        place = (cwd or self.home) / "cells.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, place)
        if self.uid is not None:
            os.chown(place, self.uid, self.uid)
        self.sh(f"jupyter execute --allow-errors --inplace --kernel_name={kernel} {place}", cwd)
        return [_text(cell) for cell in nbformat.read(place, as_version=4).cells]


def _text(cell: NotebookNode) -> str:
    return "".join(map(_words, cell.outputs))


def _words(output: NotebookNode) -> str:
    if output.output_type == "error":
        return "\n".join([*output.traceback, output.evalue])
    return str(output.get("text") or output.data.get("text/plain", ""))
