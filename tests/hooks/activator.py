"""What `conda activate` and `conda deactivate` have a shell do, in conda's own order.

Run as a program by the shells of tests, as conda's shell function runs conda: with a kind
of shell, a command and a prefix, it prints the commands that the shell then evaluates.
The variables of `env_vars.d` are put aside as conda does it; prompts are left out.
ref: https://github.com/conda/conda/blob/main/conda/activate.py
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

Changes = dict[str, "str | None"]
ENDINGS = {"sh": "sh", "fish": "fish", "tcsh": "csh"}


def quoted(shell: str, value: str) -> str:
    """One word of a shell."""
    if shell == "fish":
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if shell == "tcsh":
        value = value.replace("!", "\\!").replace("\n", "\\\n")
    return "'" + value.replace("'", "'\\''") + "'"


def exported(shell: str, changes: Changes) -> Iterator[str]:
    """conda never unsets in a POSIX shell; it empties."""
    for name, value in changes.items():
        if shell == "sh":
            yield f"export {name}={quoted(shell, value or '')}"
        elif shell == "tcsh":
            given = value is not None
            yield f"setenv {name} {quoted(shell, value or '')}" if given else f"unsetenv {name}"
        elif value is None:
            yield f"set -e {name} || true"
        elif name == "PATH":
            yield f"set -gx PATH {' '.join(quoted(shell, one) for one in value.split(':'))}"
        else:
            yield f"set -gx {name} {quoted(shell, value)}"


def sourced(shell: str, prefix: str, folder: str) -> list[str]:
    """The scripts of a prefix; those for deactivation in the opposite order."""
    found = sorted(Path(prefix, "etc/conda", folder).glob(f"*.{ENDINGS[shell]}"))
    ordered = found if folder == "activate.d" else found[::-1]
    dot = "." if shell == "sh" else "source"
    return [f"{dot} {quoted(shell, str(path))}" for path in ordered]


def package_variables(prefix: str) -> Changes:
    """What the packages' files and `conda env config vars` set."""
    files = sorted(Path(prefix, "etc/conda/env_vars.d").glob("*"))
    found: Changes = {}
    for path in files:
        found.update(json.loads(path.read_text()))
    state = Path(prefix, "conda-meta/state")
    if state.exists():
        found.update(json.loads(state.read_text())["env_vars"])
    return found


def activate(shell: str, prefix: str, *, stack: bool) -> Iterator[str]:
    """`conda activate [--stack] PREFIX`."""
    level, old = int(os.environ.get("CONDA_SHLVL") or 0), os.environ.get("CONDA_PREFIX", "")
    if old == prefix:
        yield from sourced(shell, prefix, "deactivate.d")
        yield from sourced(shell, prefix, "activate.d")
        return
    path = os.environ["PATH"].split(":")
    replaced = level > 0 and not stack and f"{old}/bin" in path
    if replaced:
        path[path.index(f"{old}/bin")] = f"{prefix}/bin"
        yield from sourced(shell, old, "deactivate.d")
    else:
        path.insert(0, f"{prefix}/bin")
    own = package_variables(prefix)
    saved = {f"__CONDA_SHLVL_{level}_{n}": os.environ[n] for n in own if n in os.environ}
    stacked = {f"CONDA_STACKED_{level + 1}": "true"} if level and stack else {}
    below = {f"CONDA_PREFIX_{level}": old} if level else {}
    changes = {"PATH": ":".join(path), "CONDA_PREFIX": prefix, "CONDA_SHLVL": str(level + 1)}
    yield from exported(shell, {**changes, **own, **saved, **below, **stacked})
    yield from sourced(shell, prefix, "activate.d")


def deactivate(shell: str) -> Iterator[str]:
    """`conda deactivate`."""
    level, old = int(os.environ["CONDA_SHLVL"]), os.environ["CONDA_PREFIX"]
    below = os.environ.get(f"CONDA_PREFIX_{level - 1}", "") if level > 1 else ""
    path = os.environ["PATH"].split(":")
    at = path.index(f"{old}/bin")
    path[at : at + 1] = [f"{below}/bin"] if below and not is_stacked(level) else []
    yield from exported(shell, {"PATH": ":".join(path)})
    yield from sourced(shell, old, "deactivate.d")
    gone = [f"CONDA_PREFIX_{level - 1}", f"CONDA_STACKED_{level}"] if below else ["CONDA_PREFIX"]
    changes: Changes = dict.fromkeys(name for name in gone if name in os.environ)
    changes["CONDA_SHLVL"] = str(level - 1)
    if below:
        changes.update({"CONDA_PREFIX": below, **package_variables(below)})
    for name in package_variables(old):
        changes[name] = os.environ.get(f"__CONDA_SHLVL_{level - 1}_{name}") or None
    yield from exported(shell, changes)
    if below:
        yield from sourced(shell, below, "activate.d")


def is_stacked(level: int) -> bool:
    """Whether the active environment left the one below in force."""
    return f"CONDA_STACKED_{level}" in os.environ


def main(shell: str, command: str, *words: str) -> None:
    """Print the commands."""
    if command == "activate":
        lines = activate(shell, words[-1], stack="--stack" in words)
    else:
        lines = deactivate(shell)
    print("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
