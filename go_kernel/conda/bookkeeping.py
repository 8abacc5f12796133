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
# What hooks put aside (go_kernel/hooks): the level, then the variable's name.
KEPT_BY_HOOKS = "_CONDA_GOKERNEL_"
_OF_HOOKS = re.compile(rf"{KEPT_BY_HOOKS}([0-9]{{1,3}})_(\w+)")
_BACKUP = re.compile(r"CONDA_BACKUP_(\w+)")
_SAVED = re.compile(r"__CONDA_SHLVL_([0-9]{1,4})_(\w+)")
_PREFIX = re.compile(r"CONDA_PREFIX(?:_[0-9]{1,4})?")
_TOP = 10_000
# These hold a list of folders: an entry of the old prefix goes, the others stay.
_FOLDER_LIST = re.compile(r"\w*PATH|\w*_DIRS")
# A person's own places may lie inside a prefix (a container's home often does), and
# where conda itself is stays so, whichever environment is active.
_PERSONAL = re.compile(
    r"HOME|PWD|OLDPWD|TMPDIR|SHELL|XDG_\w+_HOME|XDG_RUNTIME_DIR|(?:JPY|JUPYTER)\w*"
    r"|CONDA_(?:EXE|PYTHON_EXE|ROOT|ENVS_DIRS|ENVS_PATH|PKGS_DIRS)|MAMBA_(?:EXE|ROOT_PREFIX)"
    r"|CONDARC|MAMBARC"
)
# What stands before a path where a value holds one: nothing, a separator, `file://`, or
# a compiler's -I and its like.  Without it /mnt/opt/env would count as /opt/env.
_BEFORE = r"(?:^|(?<=[\s:;,=\"'(@])|(?<=://)|(?<=\s-[A-Za-z])|(?<=^-[A-Za-z]))"
_BEHIND = r"(?=[/:;,\s\"')]|$)"


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
    return list(dict.fromkeys(prefix for _, prefix in _by_level(env)))


def _by_level(env: Mapping[str, str]) -> list[tuple[int, str]]:
    """Each activated prefix with its level, the active one at the top of all."""
    names = sorted(name for name in env if _PREFIX.fullmatch(name))
    found = [
        (int(name.rpartition("_")[2]) if name != "CONDA_PREFIX" else _TOP, env[name].rstrip("/"))
        for name in names
        if env[name].startswith("/")
    ]
    # Where the whole system is the environment, nothing can be told apart.
    return [(level, path) for level, path in found if path not in ("", "/usr")]


def is_bookkeeping(name: str) -> bool:
    """Whether a variable is one that conda and its packages keep about an activation."""
    return _KEPT_BY_CONDA.fullmatch(name) is not None


def undo(env: Mapping[str, str]) -> dict[str, str | None]:
    """What has to change in `env` so that no activation is left in it; None is "unset".

    Reads a few small files of the inherited prefixes; starts nothing.
    """
    prefixes = inherited_prefixes(env)
    changes: dict[str, str | None] = {name: None for name in env if is_bookkeeping(name)}
    # In the opposite order of activation: the scripts came last.
    for step in (_put_aside_by_hooks, _put_aside_by_packages, _set_by_files, _pointing_inside):
        now = {name: value for name, value in {**env, **changes}.items() if value is not None}
        found = step(prefixes, now, env)
        changes.update((name, value) for name, value in found if not is_bookkeeping(name))
    return changes


def _put_aside_by_hooks(
    prefixes: list[str], now: Mapping[str, str], env: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    """The values behind a `=` that our hooks kept; without one the variable was not set."""
    matches = ((_OF_HOOKS.fullmatch(name), value) for name, value in env.items())
    kept = [(int(match[1]), match[2], value) for match, value in matches if match]
    # The lowest level's, which is the oldest, comes last.
    for _, name, value in sorted(kept, reverse=True):
        if name != "PATH":
            yield name, value[1:] if value.startswith("=") else None


def _put_aside_by_packages(
    prefixes: list[str], now: Mapping[str, str], env: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    """The values that activation scripts kept; an empty one stands for "was not set"."""
    for name, value in env.items():
        match = _BACKUP.fullmatch(name)
        if match and match[1] != "PATH":
            yield match[1], value or None


def _set_by_files(
    prefixes: list[str], now: Mapping[str, str], env: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    """Variables of env_vars.d and conda-meta/state, with the values they replaced."""
    theirs: dict[str, dict[str | None, int]] = {}  # values, and the lowest level of each
    for level, prefix in sorted(_by_level(env)):
        for source in static.read(Path(prefix)).sources:
            for name, value in source.variables.items():
                theirs.setdefault(name, {}).setdefault(value or None, level)
    saved = _saved_values(env)
    for name, values in theirs.items():
        if (now.get(name) or None) in values:
            level, value = saved.get(name, (0, ""))
            # What was put aside at a level may be the own value of an environment below.
            yield name, None if values.get(value, _TOP) <= level else value or None


def _saved_values(env: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """The oldest value that conda put aside of each variable, and at which level."""
    matches = ((_SAVED.fullmatch(name), value) for name, value in env.items())
    saved = [(int(match[1]), match[2], value) for match, value in matches if match]
    # The lowest level comes last here, and stays.
    return {name: (level, value) for level, name, value in sorted(saved, reverse=True)}


def _pointing_inside(
    prefixes: list[str], now: Mapping[str, str], env: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    """Values that name a file of an old prefix (JAVA_HOME, SSL_CERT_FILE, PATH …)."""
    if not prefixes:
        return
    mention = re.compile(f"{_BEFORE}(?:{'|'.join(map(re.escape, prefixes))}){_BEHIND}")
    for name, value in now.items():
        if _PERSONAL.fullmatch(name) or not mention.search(value):
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
