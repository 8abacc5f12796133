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
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel import process
from go_kernel.conda.bookkeeping import KEPT_BY_HOOKS
from go_kernel.conda.heard import Answered, Printed, reading
from go_kernel.conda.trust import foreign_part, remedy_for
from go_kernel.findings import Finding, Remedy, Status

# All that a script gets to see of the world besides the environment's own variables.
INPUTS = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SHELL")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# bash's own, the driver's, and what hooks put aside in it: nothing about the environment.
SHELLS_OWN = re.compile(rf"_|SHLVL|PWD|OLDPWD|GOKERNEL_SCRIPT|__gokernel_\w+|{KEPT_BY_HOOKS}\w+")
# These would change what the bash below does before the first script runs; conda's own
# shell has long been running when it sets them.
_NOT_FOR_BASH = ("BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# Reads the scripts' paths as arguments.  After each one, and where one ends the shell,
# its exit code and all exported variables are written to the answer's descriptor,
# NUL-separated.  Only builtins are used, since a script may change PATH; no word is
# split, since it may change IFS; scripts print into a pipe of their own, which one that
# closes its output doesn't close for the next.
_DRIVER = r"""
__gokernel_answer() {
  builtin printf '%s\0' "$1"
  __gokernel_names=$(builtin compgen -e)$'\n'
  while builtin test -n "$__gokernel_names"; do
    __gokernel_name=${__gokernel_names%%$'\n'*}
    __gokernel_names=${__gokernel_names#*$'\n'}
    if builtin test -n "$__gokernel_name" && builtin test -n "${!__gokernel_name+set}"; then
      builtin printf '%s=%s\0' "$__gokernel_name" "${!__gokernel_name}"
    fi
  done
  builtin printf 'end\0'
} >&ANSWER
trap 'builtin test -n "${__gokernel_done-}" || __gokernel_answer "exited $?"' EXIT
for GOKERNEL_SCRIPT in "$@"; do
  builtin . "$GOKERNEL_SCRIPT" >&OUTPUT 2>&OUTPUT
  __gokernel_answer "ran $?"
  builtin printf '\0' >&OUTPUT
done
__gokernel_done=1
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
    return [path for path in found if path.name.endswith(".sh")]


def foreign_script(prefix: Path, scripts: Sequence[Path]) -> Finding | None:
    """The first script, or folder above it, that others could write; None where none."""
    foreign = foreign_part(prefix, scripts)
    return _untrusted(*foreign).about(prefix) if foreign else None


def run_scripts(
    scripts: Sequence[Path],
    variables: Mapping[str, str],
    *,
    timeout: float,
    quote: bool = True,
) -> ScriptsResult:
    """Source the scripts one after the other, starting from `variables`.

    `timeout` is in seconds, for all of them together.  Without `quote` findings hold
    nothing of what scripts print: it may be a secret.  Raises nothing: what goes wrong is
    in the findings.
    """
    bash = shutil.which("bash", path=SYSTEM_PATH + os.pathsep + variables.get("PATH", ""))
    if bash is None:
        return ScriptsResult(variables, (_no_bash(scripts[0]),))
    current: Mapping[str, str] = variables
    findings: list[Finding] = []
    left = list(scripts)
    end = time.monotonic() + timeout
    while left:
        try:
            seconds = max(0.1, end - time.monotonic())
            step = _run_some(bash, left, current, seconds, timeout, quote=quote)
        except (process.CommandError, OSError) as error:
            return ScriptsResult(current, (*findings, _not_started(left[0], error)))
        current = step.variables
        findings += step.findings
        left = left[step.done :]
    return ScriptsResult(current, tuple(findings))


@dataclass(frozen=True)
class _Answer:
    """What the driver wrote after one script."""

    how: str  # "ran", or "exited" where the script ended the shell
    code: int


@dataclass(frozen=True)
class _Shell:
    """What came of one bash: its answers, the last variables in them, what each script
    printed, and how it ended.
    """

    answers: Sequence[_Answer]
    variables: Mapping[str, str]
    printed: Sequence[str]
    hung: bool
    too_long: bool
    returncode: int


@dataclass(frozen=True)
class _Step:
    """How many scripts one bash got through, and what was wrong with them."""

    done: int
    variables: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def _run_some(
    bash: str,
    scripts: Sequence[Path],
    variables: Mapping[str, str],
    left: float,
    timeout: float,
    *,
    quote: bool,
) -> _Step:
    kept = {name: variables[name] for name in _NOT_FOR_BASH if name in variables}
    env = {name: value for name, value in variables.items() if name not in kept}
    shell = _in_bash(bash, scripts, env, left)
    after = {**kept, **shell.variables} if shell.variables else variables
    # A script can write to the answer, too: more than one for each counts for nothing.
    ran = [answer for answer in shell.answers if answer.how == "ran"][: len(scripts)]
    findings = [
        _failed(script, answer.code, printed, quote=quote)
        for script, answer, printed in zip(scripts, ran, shell.printed, strict=False)
        # A last test that is false also gives 1: only a script that complains has failed.
        if answer.code and printed
    ]
    if len(ran) == len(scripts):
        findings += [_left_something(scripts[-1], timeout)] if shell.hung else []
        return _Step(len(scripts), after, tuple(findings))
    culprit, printed = scripts[len(ran)], shell.printed[len(ran)] if quote else ""
    if shell.too_long:
        return _Step(len(scripts), after, (*findings, _exports_too_much(culprit)))
    if shell.hung:
        return _Step(len(scripts), after, (*findings, _hung(culprit, timeout, printed)))
    exited = _exited(culprit, shell.returncode, printed)
    return _Step(len(ran) + 1, after, (*findings, exited))


def _in_bash(bash: str, scripts: Sequence[Path], env: Mapping[str, str], left: float) -> _Shell:
    answers: list[_Answer] = []
    variables: Mapping[str, str] = {}

    def take(text: str) -> None:
        nonlocal variables
        head, *items = text.split("\0")
        match = re.fullmatch(r"(ran|exited) ([0-9]{1,3})", head)
        if match:
            answers.append(_Answer(match[1], int(match[2])))
            variables = dict(_exported(items)) or variables

    # One more for a shell that ended.
    answered, printed = Answered(take, len(scripts) + 1), Printed(len(scripts))
    hung, returncode = False, 0
    with reading(answered.take) as answer, reading(printed.take) as output:
        driver = _DRIVER.replace("ANSWER", str(answer)).replace("OUTPUT", str(output))
        argv = [bash, "--noprofile", "--norc", "-c", driver, "activate", *map(str, scripts)]
        fds = (answer, output)
        try:
            completed = process.run(argv, env=env, timeout=left, check=False, pass_fds=fds, cwd="/")
            returncode = completed.returncode
        except process.CommandTimedOut:
            hung = True
    texts = [*map(_readable, printed.parts), *([""] * len(scripts))]
    return _Shell(answers, variables, texts, hung, answered.too_long, returncode)


def _readable(output: bytes) -> str:
    """What a script printed, fit for a terminal: no colours, nothing undecodable."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.decode("utf-8", "replace"))
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).strip()


def _exported(items: Sequence[str]) -> Iterator[tuple[str, str]]:
    for item in items:
        name, equals, value = item.partition("=")
        if equals and _NAME.fullmatch(name) and not SHELLS_OWN.fullmatch(name):
            yield name, value


def _warning(name: str, summary: str, evidence: str, remedy: str) -> Finding:
    return Finding(
        id=f"activation.{name}",
        status=Status.WARN,
        summary=summary,
        evidence=evidence[-4000:],
        remedy=Remedy(remedy),
    )


def _hung(script: Path, timeout: float, output: str) -> Finding:
    return _warning(
        "script-hung",
        f"The activation script {script} did not end within {timeout:g} s; "
        "what it and those after it set is not in force.",
        output,
        "Run it by hand to see what it waits for, or reinstall the package that brought it.",
    )


def _left_something(script: Path, timeout: float) -> Finding:
    return _warning(
        "script-lingers",
        f"The activation scripts up to {script} left a shell running in the background; it was "
        f"ended after {timeout:g} s.",
        "",
        "Run them by hand to see what it waits for, or reinstall the package that brought them.",
    )


def _exited(script: Path, code: int, output: str) -> Finding:
    return _warning(
        "script-exited",
        f"The activation script {script} ended its shell with exit code {code}.",
        output,
        "Replace its `exit` by `return`, or reinstall the package that brought it.",
    )


def _failed(script: Path, code: int, output: str, *, quote: bool) -> Finding:
    last = output.splitlines()[-1] if quote else f"its last command gave {code}."
    return _warning(
        "script-failed",
        f"The activation script {script} failed: {last}",
        output if quote else "",
        "Run it by hand in a shell, or reinstall the package that brought it.",
    )


def _exports_too_much(script: Path) -> Finding:
    return _warning(
        "script-exports-too-much",
        f"The activation script {script} exports more than a process can be given; what it and "
        "those after it set is not in force.",
        "",
        "Run it by hand to see what it exports, or reinstall the package that brought it.",
    )


def _not_started(script: Path, error: process.CommandError | OSError) -> Finding:
    reason = error.summary if isinstance(error, process.CommandError) else f"{error}."
    return _warning(
        "scripts-not-started",
        f"The activation scripts from {script} on were not run: {reason}",
        "",
        "Look for a variable of the environment that is too long for a process, or make room "
        "for temporary files.",
    )


def _no_bash(script: Path) -> Finding:
    return _warning(
        "no-bash",
        f"Activation scripts such as {script} were not run: there is no bash.",
        "",
        "Install bash.",
    )


def _untrusted(path: Path, problem: str) -> Finding:
    return Finding(
        id="activation.untrusted",
        status=Status.WARN,
        summary=f"The environment's activation scripts were not run: {path} {problem}.",
        remedy=remedy_for(path, problem),
    )
