"""A program without the folder of its environment: cgo puts it into the run path.

The path of libraries must be true for a program to find them, so the same sources give
other bytes in an environment elsewhere.  Built with a fixed name in its place, a program
can be compared; such a one is hashed and never run.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Mapping
from pathlib import Path

from go_kernel import goflags

NAME = "/conda-prefix"


def holds(program: Path, prefix: Path) -> bool:
    """Whether the path of `prefix` is somewhere in a program; raises OSError."""
    with (
        program.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        # Go's texts have no end of their own: what comes after the path says nothing.
        return content.find(str(prefix).encode()) >= 0


def variables(given: Mapping[str, str], prefix: Path) -> dict[str, str]:
    """What to set so that compilers and linkers write NAME in place of `prefix`.

    Where they look for headers and libraries stays as it is.
    """
    flags = goflags.split(given.get("CGO_LDFLAGS", ""))
    place = re.compile(rf"(-rpath[,=]){re.escape(str(prefix))}(?![\w.-])")
    linker = [place.sub(rf"\1{NAME}", flag) for flag in flags]
    # The preprocessor's flags reach C, C++ and Fortran alike, and Go has no default for them.
    # ref: https://gcc.gnu.org/onlinedocs/gcc/Overall-Options.html#index-ffile-prefix-map
    mapped = goflags.quote(f"-ffile-prefix-map={prefix}={NAME}")
    compiler = [given.get("CGO_CPPFLAGS", ""), mapped]
    return {
        "CGO_LDFLAGS": " ".join(map(goflags.quote, linker)),
        "CGO_CPPFLAGS": " ".join(filter(None, compiler)),
    }
