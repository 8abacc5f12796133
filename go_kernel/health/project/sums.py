"""Are go.mod and go.sum complete for what the packages import?

ref: https://go.dev/ref/mod#go-sum-files
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from go_kernel.files import exists
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import error, ok, skipped, unknown
from go_kernel.health.project.looked import REPAIR, Looked, of_loaded
from go_kernel.process import CommandError

_MOST = 12
_MISMATCH = re.compile(r"checksum mismatch|SECURITY ERROR")
_MALFORMED = re.compile(r"malformed go\.sum|malformed.*\.sum")
_SUMS = re.compile(r"missing go\.sum entry")
_REQUIRES = re.compile(
    r"no required module provides package|updates to go\.mod needed"
    r"|cannot find module providing package|is replaced but not required"
)
_UNCACHED = re.compile(r"module lookup disabled by GOPROXY=off")


@of_loaded
def look(looked: Looked) -> Finding:
    """Go loads all packages, offline, and says what is missing."""
    vendor = looked.force.vendor
    if vendor is not None and vendor.used:
        return skipped("A vendor folder is used: Go looks at no go.sum.")
    try:
        problems = list(looked.problems)
        loaded = True
    except CommandError as problem:
        problems, loaded = [problem.output or problem.summary], False
    for pattern, say in (
        (_MISMATCH, _mismatch),
        (_MALFORMED, _malformed),
        (_SUMS, _missing_sums),
        (_REQUIRES, _missing_requires),
    ):
        matching = [one for one in problems if pattern.search(one)]
        if matching:
            return say(looked, matching, _tidy(looked, matching[0]))
    if any(_UNCACHED.search(one) for one in problems):
        return unknown(
            "Not all modules are in the module cache, and nothing is downloaded for looking.",
            Remedy("Download them", (looked.command("mod", "download"),)),
            evidence=_lines(problems),
        )
    if not loaded:
        return looked.unloaded(problems[0])
    return ok("go.mod and go.sum hold all that the packages import.")


def is_known(problem: str) -> bool:
    """Whether it is about modules: their sums, that they are required, that they are there."""
    patterns = (_MISMATCH, _MALFORMED, _SUMS, _REQUIRES, _UNCACHED)
    return any(one.search(problem) for one in patterns)


def _tidy(looked: Looked, problem: str) -> Remedy:
    """For the module of the package that has it: a workspace's own folder may be none."""
    path = looked.module_with(problem)
    folder = next((one.folder for one in looked.force.modules if one.path == path), None)
    command = looked.command("mod", "tidy", folder=folder)
    return Remedy("Have Go write what is missing", (command,))


def _mismatch(looked: Looked, problems: Sequence[str], tidy: Remedy) -> Finding:
    return error(
        f"A module is not what go.sum says it is: {_first(problems)}.",
        Remedy(
            "Find out which one is wrong before anything else; what the module cache holds is "
            "compared by",
            (looked.command("mod", "verify"),),
        ),
        evidence=_lines(problems),
    )


def _malformed(looked: Looked, problems: Sequence[str], tidy: Remedy) -> Finding:
    return error(
        f"go.sum can't be read: {_first(problems)}.",
        Remedy("Take the line out, and have Go write it anew", tidy.commands),
        evidence=_lines(problems),
    )


def _missing_sums(looked: Looked, problems: Sequence[str], tidy: Remedy) -> Finding:
    return error(
        f"{_lacking(looked)} what the packages import: {_first(problems)}.",
        tidy,
        evidence=_lines(problems),
        fix=REPAIR,
    )


def _lacking(looked: Looked) -> str:
    """Half a sentence: the lines are missing, or the whole file."""
    found = looked.force
    sums = [one.sums for one in found.modules]
    if found.gowork is not None:
        sums.append(found.gowork.with_name(f"{found.gowork.name}.sum"))
    if len(found.modules) == 1 and not any(map(exists, sums)):
        return f"There is no {sums[0].name} beside {found.modules[0].file} for"
    return "go.sum lacks lines of"


def _missing_requires(looked: Looked, problems: Sequence[str], tidy: Remedy) -> Finding:
    return error(
        f"go.mod lacks what the packages import: {_first(problems)}.",
        tidy,
        evidence=_lines(problems),
        fix=REPAIR,
    )


def _first(problems: Sequence[str]) -> str:
    """The first sentence of what Go said."""
    lines = [line.strip() for line in problems[0].splitlines() if line.strip()]
    text = next((one for one in lines if _any(one)), lines[0] if lines else "")
    return text.partition("; to add")[0].removeprefix("go: ").rstrip(".:;")


def _any(line: str) -> bool:
    return any(p.search(line) for p in (_MISMATCH, _MALFORMED, _SUMS, _REQUIRES))


def _lines(problems: Sequence[str]) -> str:
    return "\n".join(_each(problems))


def _each(problems: Sequence[str]) -> Iterator[str]:
    yield from problems[:_MOST]
    if len(problems) > _MOST:
        yield f"{len(problems) - _MOST} more"
