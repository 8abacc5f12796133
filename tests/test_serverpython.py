"""Is jupyter-gokernel installed where the server runs?  Read from real scripts' first lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from go_kernel import serverpython
from tests.prefixes import program, write

ENTRY_POINTS = "[jupyter_client.kernel_provisioners]\ngokernel-provisioner = go_kernel:x\n"


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real virtual environment, with a `jupyter-lab` as pip writes it."""
    folder = tmp_path_factory.mktemp("server") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    program(folder / "bin" / "jupyter-lab", f"#!{folder}/bin/python\nimport sys\n")
    return folder


def _findings(*folders: Path, **env: str) -> list[str]:
    path = ":".join(str(folder / "bin") for folder in folders)
    return [str(one) for one in serverpython.findings({"PATH": path, **env})]


def test_missing_is_said_with_the_command(venv: Path) -> None:
    """The warning names script and Python, the pip command, and --portable."""
    [said] = _findings(venv)
    assert f"{venv}/bin/jupyter-lab runs on {venv}/bin/python" in said
    assert f"{venv}/bin/python -m pip install jupyter-gokernel" in said
    assert "--portable" in said


def test_installed_there_is_fine(venv: Path) -> None:
    """With our entry point in that Python's packages nothing is said."""
    [site] = (venv / "lib").glob("python3.*/site-packages")
    info = site / "jupyter_gokernel-9.dist-info"
    write(info / "entry_points.txt", ENTRY_POINTS)
    assert _findings(venv) == []
    write(info / "entry_points.txt", "[console_scripts]\nx = y:z\n")
    assert len(_findings(venv)) == 1
    (info / "entry_points.txt").unlink()


def test_installed_for_the_user_is_fine(venv: Path, tmp_path: Path) -> None:
    """`pip install --user` counts, by the same version of Python."""
    [lib] = (venv / "lib").glob("python3.*")
    info = Path("site-packages", "jupyter_gokernel-9.dist-info", "entry_points.txt")
    write(tmp_path / ".local" / "lib" / "python3.0" / info, ENTRY_POINTS)
    assert len(_findings(venv, HOME=str(tmp_path))) == 1
    write(tmp_path / ".local" / "lib" / lib.name / info, ENTRY_POINTS)
    assert _findings(venv, HOME=str(tmp_path)) == []


def test_our_own_python_is_fine() -> None:
    """Jupyter in the Python that runs us has us."""
    assert _findings(Path(sys.executable).parent.parent) == []


def test_one_warning_for_each_python(venv: Path, tmp_path: Path) -> None:
    """Several programs of one Python give one warning; pip's form for long paths is read."""
    program(venv / "bin" / "jupyter-server", f"#!{venv}/bin/python3\n")
    long = tmp_path / ("long" * 40)
    program(
        long / "bin" / "jupyter-notebook",
        f"#!/bin/sh\n'''exec' \"{long}/bin/python\" \"$0\" \"$@\"\n' '''\n",
    )
    found = _findings(venv, long)
    (venv / "bin" / "jupyter-server").unlink()
    assert len(found) == 2
    assert f"runs on {long}/bin/python" in found[1]


@pytest.mark.parametrize(
    "content", ["#!/bin/bash\n", "", "\x7fELF\x00\xff", "#!/usr/bin/env node\n"]
)
def test_what_cannot_be_read_is_passed_over(tmp_path: Path, content: str) -> None:
    """A wrapper whose Python isn't told is no reason for a warning."""
    program(tmp_path / "bin" / "jupyter-lab", content.encode("latin-1"))
    assert _findings(tmp_path) == []
    assert _findings(tmp_path / "nowhere") == []
