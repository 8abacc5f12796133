"""Runs an environment's `etc/conda/activate.d/*.sh` and says what they changed.

The scripts are code of the environment's packages.  They run once, in a bash that
reads no start-up files, with a fixed list of inputs, a time limit, no terminal and
nothing of ours on their descriptors but the one that takes the answer.  One that
fails, exits or hangs is a finding with its output; what ran before it still counts,
and what comes after it still runs, as it would in a person's shell.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from go_kernel import process
from go_kernel.files import foreign_writer
from go_kernel.findings import Finding, Remedy, Status

# All that a script gets to see of the world besides the environment's own variables.
INPUTS = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SHELL")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# bash's own, which say nothing about the environment.
_SHELLS_OWN = frozenset({"_", "SHLVL", "PWD", "OLDPWD", "GOKERNEL_ANSWER", "GOKERNEL_SCRIPT"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Reads the scripts' paths as arguments.  After each one its exit code is written, at
# the end (an `exit` in a script included) all exported variables, NUL-separated.
# Only builtins are used, since a script may change PATH.
_DRIVER = r"""
__gokernel_answer() {
  builtin printf 'end\0'
  while IFS= builtin read -r __gokernel_name; do
    builtin printf '%s=%s\0' "$__gokernel_name" "${!__gokernel_name}"
  done <<< "$(builtin compgen -e)"
} >&"$GOKERNEL_ANSWER"
trap __gokernel_answer EXIT
for GOKERNEL_SCRIPT in "$@"; do
  builtin . "$GOKERNEL_SCRIPT" >&2
  builtin printf 'ran %s\0' "$?" >&"$GOKERNEL_ANSWER"
done
"""


@dataclass(frozen=True)
class ScriptsResult:
    """Variables as the scripts left them, and what went wrong on the way."""

    variables: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def scripts_of(prefix: Path) -> list[Path]:
    """The activation scripts of a prefix, in the order in which conda runs them."""
    try:
        found = sorted((prefix / "etc" / "conda" / "activate.d").iterdir())
    except OSError:
        return []
    return [path for path in found if path.suffix == ".sh"]


def foreign_script(prefix: Path, scripts: Sequence[Path]) -> Finding | None:
    """The first script, or folder above it, that others could write; None where none."""
    folders = ("etc/conda/activate.d", "etc/conda", "etc", "")
    for path in (*(prefix / folder for folder in folders), *scripts):
        writer = foreign_writer(path, any_owner=True)
        if writer:
            return _untrusted(path, writer).about(prefix)
    return None


def run_scripts(
    scripts: Sequence[Path], variables: Mapping[str, str], *, timeout: float
) -> ScriptsResult:
    """Source the scripts one after the other, starting from `variables`.

    `timeout` is in seconds, for all of them together.
    """
    bash = shutil.which("bash", path=SYSTEM_PATH + os.pathsep + variables.get("PATH", ""))
    if bash is None:
        return ScriptsResult(variables, (_no_bash(scripts[0]),))
    current, findings = dict(variables), []
    left = list(scripts)
    while left:
        step = _run_some(bash, left, current, timeout)
        current = step.variables
        if step.finding:
            findings.append(step.finding)
        left = left[step.done :]
    return ScriptsResult(current, tuple(findings))


@dataclass(frozen=True)
class _Step:
    """One bash: how many scripts it got through, and what the last of them did."""

    done: int
    variables: dict[str, str]
    finding: Finding | None = None


def _run_some(
    bash: str, scripts: Sequence[Path], variables: dict[str, str], timeout: float
) -> _Step:
    with tempfile.TemporaryFile() as answer:
        env = {**variables, "GOKERNEL_ANSWER": str(answer.fileno())}
        argv = [bash, "--noprofile", "--norc", "-c", _DRIVER, "activate", *map(str, scripts)]
        try:
            completed = process.run(
                argv, env=env, timeout=timeout, check=False, pass_fds=(answer.fileno(),), cwd="/"
            )
        except process.CommandTimedOut as error:
            codes, _ = _parsed(answer)
            culprit = scripts[min(len(codes), len(scripts) - 1)]
            return _Step(len(scripts), variables, _hung(culprit, timeout, error.output))
        codes, after = _parsed(answer)
    result = after if after is not None else variables
    if len(codes) < len(scripts):  # a script ended the shell
        culprit = scripts[len(codes)]
        return _Step(len(codes) + 1, result, _exited(culprit, completed))
    failed = next((at for at, code in enumerate(codes) if code), None)
    # A last test that is false also gives 1: only a script that complains has failed.
    complained = failed is not None and completed.stderr.strip()
    finding = _failed(scripts[failed or 0], completed.stderr) if complained else None
    return _Step(len(scripts), result, finding)


def _parsed(answer: IO[bytes]) -> tuple[list[int], dict[str, str] | None]:
    """Exit codes of the scripts that came to an end, and the variables after the last."""
    answer.seek(0)
    items = answer.read().decode("utf-8", "surrogateescape").split("\0")[:-1]
    codes = [int(item[4:]) for item in items if re.fullmatch(r"ran [0-9]{1,3}", item)]
    if "end" not in items:
        return codes, None
    return codes, dict(_exported(items[items.index("end") + 1 :]))


def _exported(items: Sequence[str]) -> Iterator[tuple[str, str]]:
    for item in items:
        name, equals, value = item.partition("=")
        if equals and _NAME.fullmatch(name) and name not in _SHELLS_OWN:
            yield name, value


def _warning(name: str, summary: str, evidence: str, remedy: str) -> Finding:
    return Finding(
        id=f"activation.{name}",
        status=Status.WARN,
        summary=summary,
        evidence=evidence.strip()[-4000:],
        remedy=Remedy(remedy),
    )


def _hung(script: Path, timeout: float, output: str) -> Finding:
    return _warning(
        "script-hung",
        f"The activation script {script} did not end within {timeout:g} s; "
        "nothing of what the environment's scripts set is in force.",
        output,
        "Run it by hand to see what it waits for, or reinstall the package that brought it.",
    )


def _exited(script: Path, completed: process.Completed) -> Finding:
    return _warning(
        "script-exited",
        f"The activation script {script} ended its shell with exit code {completed.returncode}.",
        completed.stderr,
        "Replace its `exit` by `return`, or reinstall the package that brought it.",
    )


def _failed(script: Path, output: str) -> Finding:
    return _warning(
        "script-failed",
        f"The activation script {script} failed: {output.strip().splitlines()[-1]}",
        output,
        "Run it by hand in a shell, or reinstall the package that brought it.",
    )


def _no_bash(script: Path) -> Finding:
    return _warning(
        "no-bash",
        f"Activation scripts such as {script} were not run: there is no bash.",
        "",
        "Install bash.",
    )


def _untrusted(path: Path, writer: str) -> Finding:
    return Finding(
        id="activation.untrusted",
        status=Status.WARN,
        summary=f"The environment's activation scripts were not run: {path} {writer}.",
        remedy=Remedy(
            "Let its owner take that right away", (f"chmod go-w {shlex.quote(str(path))}",)
        ),
    )
