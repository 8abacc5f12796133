"""The licences of what a build is made of, kept beside it."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

from go_kernel._version import __version__
from go_kernel.engines import mend
from go_kernel.engines.catalogue import Engine
from go_kernel.engines.fetch import Module
from go_kernel.toolchain import Toolchain

_LICENCE = re.compile(r"(?:LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|PATENTS|AUTHORS)(?:[.-].*)?", re.I)

_README = """\
What the program in this folder is built from, with the licence of each part.

{modules}

Built with {go}; the Go standard library is part of it.

{changes}
"""
_CHANGES = (
    "Changed by jupyter-gokernel {version} before building: the edits and added files are in "
    "mends/ beside this file.  {licences}  The unchanged sources are the modules named above, in "
    "these versions, from any Go module proxy."
)
_COLUMNS = 88


def collect(engine: Engine, modules: Sequence[Module], go: Toolchain, target: Path) -> None:
    """Copy the licences of `modules` and of Go, and our mends, into the folder `target`.

    Raises OSError.
    """
    for module in modules:
        copy_licences(module.folder, target / f"{module.path}@{module.version}")
    copy_licences(go.goroot, target / "go")
    mends = target / "mends"
    shutil.copytree(engine.folder / "mends", mends, copy_function=shutil.copyfile)
    for file, source in mend.taken(engine.folder / "mends").items():
        place = mends / mend.ADDED / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    names = "\n".join(f"    {module.path} {module.version}" for module in modules)
    changes = textwrap.fill(
        _CHANGES.format(version=__version__, licences=engine.licences), _COLUMNS
    )
    (target / "README").write_text(_README.format(modules=names, go=go.name, changes=changes))


def copy_licences(source: Path, target: Path) -> None:
    """Copy the licence files at the top of `source` into `target`, which is made."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_file() and _LICENCE.fullmatch(path.name):
            shutil.copyfile(path, target / path.name)
