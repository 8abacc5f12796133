"""The licences of what a build is made of, kept beside it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from go_kernel._version import __version__
from go_kernel.engines.fetch import Module

_LICENCE = re.compile(r"(?:LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|PATENTS|AUTHORS)(?:[.-].*)?", re.I)

_README = """\
What the program in this folder is built from, with the licence of each part.

{modules}

Built with {go}; the Go standard library is part of it.

Changed by jupyter-gokernel {version} before building: the edits and added files are in
mends/ beside this file.  Those for github.com/cosmos72/gomacro are published under the
Mozilla Public License 2.0, as gomacro is; those for github.com/gopherdata/gophernotes
under its MIT licence.  The unchanged sources are the modules named above, in these
versions, from any Go module proxy.
"""


def collect(modules: Sequence[Module], goroot: Path, go: str, mends: Path, target: Path) -> None:
    """Copy the licences of `modules` and of Go, and our mends, into the folder `target`.

    `go` says which Go it was.  Raises OSError.
    """
    for module in modules:
        copy_licences(module.folder, target / f"{module.path}@{module.version}")
    copy_licences(goroot, target / "go")
    shutil.copytree(mends, target / "mends", copy_function=shutil.copyfile)
    names = "\n".join(f"    {module.path} {module.version}" for module in modules)
    text = _README.format(modules=names, go=go, version=__version__)
    (target / "README").write_text(text)


def copy_licences(source: Path, target: Path) -> None:
    """Copy the licence files at the top of `source` into `target`, which is made."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.is_file() and _LICENCE.fullmatch(path.name):
            shutil.copyfile(path, target / path.name)
