"""The variables that conda itself keeps, and how an inherited activation is undone.

A Jupyter server is often started inside some activated environment.  Its PATH
entries, CONDA_* variables, compilers and flags must not reach a kernel of another
environment.  conda undoes an activation by running the old environment's
deactivate.d; we don't, for two reasons: it is foreign code of an environment that
nobody asked for, and Go's own compiler package leaves most of what it set behind.
Instead we use what activation wrote down: conda's saved values
(`__CONDA_SHLVL_n_NAME`), the packages' (`CONDA_BACKUP_NAME`), the old prefix's
files, and the old prefix's path where it stands in values.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from go_kernel.conda import static

# ref: https://github.com/conda/conda/blob/main/conda/activate.py
_KEPT_BY_CONDA = re.compile(
    r"CONDA_(?:PREFIX|SHLVL|DEFAULT_ENV|PROMPT_MODIFIER|PREFIX_\d+|STACKED_\d+|GO_COMPILER"
    r"|BUILD_SYSROOT|TOOLCHAIN_HOST|TOOLCHAIN_BUILD|BUILD_CROSS_COMPILATION)"
    r"|__CONDA_SHLVL_\d+_\w+|CONDA_BACKUP_\w+|_CONDA_\w+|PIXI_\w+"
)
_BACKUP = re.compile(r"CONDA_BACKUP_(\w+)")
_SAVED = re.compile(r"__CONDA_SHLVL_(\d+)_(\w+)")
_PREFIX = re.compile(r"CONDA_PREFIX(?:_\d{1,4})?")
# These hold a list of folders: an entry of the old prefix goes, the others stay.
_FOLDER_LIST = re.compile(r"\w*PATH|\w*_DIRS")
# A person's own places may lie inside a prefix (a container's home often does).
_PERSONAL = re.compile(
    r"HOME|PWD|OLDPWD|TMPDIR|SHELL|XDG_\w+_HOME|XDG_RUNTIME_DIR|(?:JPY|JUPYTER)\w*"
)


def bookkeeping(prefix: Path, name: str) -> dict[str, str]:
    """What conda sets for an environment that is activated in a clean shell."""
    return {
        "CONDA_PREFIX": str(prefix),
        "CONDA_SHLVL": "1",
        "CONDA_DEFAULT_ENV": name,
        "CONDA_PROMPT_MODIFIER": f"({name}) ",
    }


def inherited_prefixes(env: Mapping[str, str]) -> list[str]:
    """The prefixes that are activated in `env`: the active one and those stacked below."""
    names = sorted(name for name in env if _PREFIX.fullmatch(name))
    return [env[name].rstrip("/") for name in names if re.fullmatch(r"/+[^/].*", env[name])]


def undo(env: Mapping[str, str]) -> dict[str, str | None]:
    """What has to change in `env` so that no activation is left in it; None is "unset".

    Reads a few small files of the inherited prefixes; starts nothing.
    """
    prefixes = inherited_prefixes(env)
    changes: dict[str, str | None] = {name: None for name in env if _KEPT_BY_CONDA.fullmatch(name)}
    changes.update(_set_by_files(prefixes, env))
    changes.update(_put_aside_by_packages(env))
    if prefixes:
        changes.update(_pointing_inside(prefixes, env, changes))
    return changes


def _set_by_files(prefixes: list[str], env: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """Variables of env_vars.d and conda-meta/state, with the values they replaced."""
    saved: dict[str, str] = {}
    for name in sorted(env, reverse=True):  # the lowest level last: it holds the oldest value
        match = _SAVED.fullmatch(name)
        if match:
            saved[match[2]] = env[name]
    for prefix in prefixes:
        for source in static.read(Path(prefix)).sources:
            for name, value in source.variables.items():
                if env.get(name) == value:
                    yield name, saved.get(name)


def _put_aside_by_packages(env: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """The values that activation scripts kept; an empty one stands for "was not set"."""
    for name, value in env.items():
        match = _BACKUP.fullmatch(name)
        if match and match[1] != "PATH":
            yield match[1], value or None


def _pointing_inside(
    prefixes: list[str], env: Mapping[str, str], known: Mapping[str, str | None]
) -> Iterator[tuple[str, str | None]]:
    """Values that name a file of an old prefix (JAVA_HOME, SSL_CERT_FILE, PATH …)."""
    mention = re.compile("(?:" + "|".join(map(re.escape, prefixes)) + r")(?=[/:;,\s\"']|$)")
    for name, value in env.items():
        if name in known or _PERSONAL.fullmatch(name) or not mention.search(value):
            continue
        if not _FOLDER_LIST.fullmatch(name):
            yield name, None
            continue
        # `condabin` holds conda itself and nothing of an environment's: it stays.
        entries = [
            entry
            for entry in value.split(os.pathsep)
            if not mention.match(entry) or entry.endswith("/condabin")
        ]
        yield name, os.pathsep.join(entries) or None
