"""Where a new conda environment goes, and what it may be called.

ref: https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/custom-env-and-pkg-locations.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from go_kernel import folders
from go_kernel.conda import condarc, discovery
from go_kernel.files import nearest_existing, writable
from go_kernel.findings import GoKernelError

# conda refuses `/`, space, `:` and `#`; quotes, `$` and the like work badly in its scripts.
_NAME = re.compile(r"(?![.-])[^\s/:#\\'\"`$\x00-\x1f\x7f-\x9f]{1,100}")
_RESERVED = frozenset({"base", "root"})


class BadEnvironmentName(GoKernelError):
    """A name that no environment can have."""

    id = "create.invalid"

    def __init__(self, name: str):
        super().__init__(
            f"{name!r} can't be the name of a conda environment.",
            "Use letters, digits, `-`, `_` and `.`, or give a path with --prefix.",
        )
        self.name = name


def check_name(name: str) -> str:
    """`name`, where an environment may have it; raises BadEnvironmentName."""
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise BadEnvironmentName(name)
    return name


def folder_for_new(env: Mapping[str, str]) -> Path:
    """The folder for new environments: the first of conda's that can be written.

    Where none can, the first; the error then names it.
    """
    folders = [*_folders(env)]
    return next((folder for folder in folders if writable(nearest_existing(folder))), folders[0])


def _folders(env: Mapping[str, str]) -> Iterator[Path]:
    roots = discovery.root_prefixes(env)
    for name in ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"):
        for entry in filter(None, env.get(name, "").split(os.pathsep)):
            folder = condarc.expand(entry, env)
            if folder:
                yield folder
    yield from condarc.envs_dirs(env, roots)
    yield from (root / "envs" for root in roots)
    yield folders.home(env) / ".conda" / "envs"
