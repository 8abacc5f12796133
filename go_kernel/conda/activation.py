"""What activating an environment sets, as data.

The same as `conda activate` in a fresh shell, in the same order: bookkeeping, the
packages' env_vars.d, conda-meta/state, then activate.d.  Three designs were turned
down: `conda run` and `conda shell.posix activate` take 0.2 to 0.7 s and need a
conda; rattler's activation executes `$` and backticks in a prefix's path and is an
80 MB dependency; running the scripts at every launch costs 5 ms and more each, so
their outcome is remembered for as long as neither they nor their inputs change.
"""

from __future__ import annotations

import json
import math
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel.cache import Cache
from go_kernel.conda import scripts, static
from go_kernel.conda.bookkeeping import bookkeeping
from go_kernel.digests import sha256
from go_kernel.files import is_file
from go_kernel.findings import Finding, GoKernelError, Remedy, Status
from go_kernel.findings import from_dict as finding_from_dict

# Part of every key: to be raised whenever what is remembered changes its meaning.
_FORMAT = "activation-2"


@dataclass(frozen=True)
class Keep:
    """For how many seconds an outcome counts; inf: as long as scripts and inputs are the same.

    A failure may have been a passing one (a full disk, a slow network file system).
    """

    results: float = math.inf
    failures: float = 600.0


_USUAL = Keep()


@dataclass(frozen=True)
class Change:
    """One variable set by one place; `value` None is "unset"."""

    name: str
    value: str | None
    place: str


@dataclass(frozen=True)
class Activation:
    """What activating `prefix` changes, in order, and what was wrong with it.

    `path_front` and `path_back` are the PATH entries before and behind what PATH
    already holds.  `checked_at` is when the scripts ran (seconds since the epoch).
    """

    prefix: Path
    changes: tuple[Change, ...]
    path_front: tuple[str, ...]
    path_back: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    checked_at: float = 0.0


class BadPrefix(GoKernelError):
    """A path that can't be a prefix."""

    id = "activation.bad-prefix"

    def __init__(self, prefix: Path):
        super().__init__(
            f"The environment path {str(prefix)!r} can't be used: it is relative or holds a line "
            "break, a NUL or a colon.",
            "Create the environment at another path.",
        )
        self.prefix = prefix


def check_prefix(prefix: Path) -> None:
    """Raise BadPrefix for a path that no activation could express.

    A colon would end the PATH entry; conda can't use such a prefix either.
    """
    text = str(prefix)
    if not prefix.is_absolute() or any(character in text for character in "\n\r\0:"):
        raise BadPrefix(prefix)


def activate(
    prefix: Path,
    name: str,
    env: Mapping[str, str],
    *,
    cache: Cache,
    timeout: float = 20.0,
    may_run: bool = True,
    afresh: bool = False,
    keep: Keep = _USUAL,
    quote: bool = True,
) -> Activation:
    """What activating `prefix` (called `name`) changes.

    Of `env` only `scripts.INPUTS` are looked at.  `timeout` (seconds) is for all
    scripts together; without `may_run` they are not run, and only a remembered
    outcome counts; with `afresh` nothing remembered counts, else what isn't older than
    `keep` says.  Without `quote` findings hold nothing of what scripts print.  Raises
    BadPrefix.
    """
    check_prefix(prefix)
    base = _from_files(prefix, name)
    found = scripts.scripts_of(prefix)
    if not found:
        return base
    refused = scripts.foreign_script(prefix, found)
    if refused:
        return _with(base, (refused,))
    inputs = {name: env[name] for name in scripts.INPUTS if name in env}
    key = _key(base, found, inputs)
    # Who may not run them is told what came of them last, be it ever so old.
    limit = timeout if may_run else None
    remembered = None if afresh else _recalled(cache.get(*key), base, limit, keep)
    if remembered:
        return remembered
    if not may_run:
        return _with(base, (_not_run(prefix),))
    result = _run(base, found, inputs, timeout, quote=quote)
    cache.put(_packed(result, base, timeout), *key)
    return result


def _from_files(prefix: Path, name: str) -> Activation:
    """What is set without a script."""
    own = (Change(key, value, "conda") for key, value in bookkeeping(prefix, name).items())
    read = static.read(prefix)
    set_by_files = (
        Change(key, value, source.place)
        for source in read.sources
        for key, value in source.variables.items()
    )
    return Activation(prefix, (*own, *set_by_files), (f"{prefix}/bin",), findings=read.findings)


def _run(
    base: Activation,
    found: Sequence[Path],
    inputs: Mapping[str, str],
    timeout: float,
    *,
    quote: bool,
) -> Activation:
    before = {**inputs, **{c.name: c.value for c in base.changes if c.value is not None}}
    before["PATH"] = f"{base.path_front[0]}:{scripts.SYSTEM_PATH}"
    outcome = scripts.run_scripts(found, before, timeout=timeout, quote=quote)
    front, back = _path_entries(outcome.variables.get("PATH", ""))
    changes = _differences(before, outcome.variables)
    return Activation(
        base.prefix,
        base.changes + tuple(changes),
        front,
        back,
        base.findings + tuple(finding.about(base.prefix) for finding in outcome.findings),
        time.time(),
    )


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    place = "etc/conda/activate.d"
    for name in sorted({*before, *after} - {"PATH"}):
        # Of its inputs a script may not take a person's HOME or language away.
        if name in scripts.INPUTS or scripts.SHELLS_OWN.fullmatch(name):
            continue
        if before.get(name) != after.get(name):
            yield Change(name, after.get(name), place)


def _path_entries(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the scripts' PATH holds before and behind the system's folders."""
    system = scripts.SYSTEM_PATH.split(":")
    entries = [entry for entry in path.split(":") if entry.startswith("/")]
    for at in range(len(entries) - len(system), -1, -1):
        if entries[at : at + len(system)] == system:
            return tuple(entries[:at]), tuple(entries[at + len(system) :])
    # A script has taken some of the system's folders out.
    first = next((at for at, entry in enumerate(entries) if entry in system), len(entries))
    back = tuple(entry for entry in entries[first:] if entry not in system)
    return tuple(entries[:first]), back


def _key(base: Activation, found: Sequence[Path], inputs: Mapping[str, str]) -> list[str]:
    # By content: a script is a hard link, and each new environment with the same package
    # changes its ctime.
    stamps = [f"{path}={_stamp(path)}" for path in found]
    known = [f"{change.name}={change.value}" for change in base.changes]
    return [_FORMAT, *stamps, *known, *(f"{name}={value}" for name, value in inputs.items())]


def _stamp(path: Path) -> str:
    try:
        return sha256(path) if is_file(path) else "no file"  # a pipe would be waited for
    except OSError:
        return "gone"


def _packed(result: Activation, base: Activation, timeout: float) -> bytes:
    added = result.changes[len(base.changes) :]
    findings = result.findings[len(base.findings) :]
    value = {
        "changes": [[c.name, c.value, c.place] for c in added],
        "front": result.path_front,
        "back": result.path_back,
        "checked_at": result.checked_at,
        "timeout": timeout,
        "findings": [finding.to_dict() for finding in findings],
    }
    return json.dumps(value).encode()


def _recalled(
    packed: bytes | None, base: Activation, timeout: float | None, keep: Keep
) -> Activation | None:
    if packed is None:
        return None
    try:
        value = json.loads(packed)
        findings = tuple(finding_from_dict(item) for item in value["findings"])
        age = time.time() - value["checked_at"]
        # A script that was given too little time deserves another trial with more.
        retried = findings and (
            not 0 <= age < keep.failures or (timeout is not None and timeout > value["timeout"])
        )
        old = retried or age > keep.results
        if timeout is not None and old:
            return None
        return Activation(
            base.prefix,
            base.changes + tuple(Change(*change) for change in value["changes"]),
            tuple(value["front"]),
            tuple(value["back"]),
            base.findings + findings,
            value["checked_at"],
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None  # cut short or of another version: it is made anew


def _with(base: Activation, findings: tuple[Finding, ...]) -> Activation:
    return Activation(
        base.prefix, base.changes, base.path_front, base.path_back, base.findings + findings
    )


def _not_run(prefix: Path) -> Finding:
    return Finding(
        id="activation.not-run",
        status=Status.UNKNOWN,
        summary=f"The activation scripts of {prefix} have not been run yet.",
        remedy=Remedy("Run them with", (f"jupyter gokernel env --env {shlex.quote(str(prefix))}",)),
        environment=str(prefix),
    )
