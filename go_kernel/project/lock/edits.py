"""The texts that a plan leads to: environment.yml, go.mod by Go itself, and the notes."""

from __future__ import annotations

import difflib
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from go_kernel import yamlfile
from go_kernel.conda import lock_file
from go_kernel.conda.environment_file import Dependency, EnvironmentFile
from go_kernel.printable import printable
from go_kernel.process import CommandError
from go_kernel.project.go import ProjectGo
from go_kernel.project.lock.changes import Plan
from go_kernel.project.lock.pins import go_spec, pin
from go_kernel.project.lock.sides import LockError
from go_kernel.yamlfile import Edit, Yaml

# What YAML reads as a text without quotes, wherever it stands.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.+=:/-]*(?: +[A-Za-z0-9=][A-Za-z0-9_.+=]*)*")
_UNQUOTED = re.compile(r"[^\"']+")
_ITEM = re.compile(r"[ \t]*-[ \t]+")
_CONTEXT = 3


@dataclass(frozen=True)
class Change:
    """One file's new text; `yaml` is what was read where it is such a file, `check` reads it."""

    path: Path
    before: str
    after: str
    yaml: Yaml | None = None
    check: Callable[[Path, str], object] = yamlfile.parse

    def diff(self) -> str:
        """The difference as `diff -u` shows it; found by what both ends have in common.

        Passwords and tokens in the lines around it are masked.
        """
        old, new = self.before.splitlines(), self.after.splitlines()
        first = _common(old, new)
        last = _common(old[first:][::-1], new[first:][::-1])
        begin, end = max(0, first - _CONTEXT), max(0, last - _CONTEXT)
        old, new = old[begin : len(old) - end], new[begin : len(new) - end]
        lines = list(difflib.unified_diff(old, new, lineterm="", n=_CONTEXT))[2:]
        name = self.path.name
        shown = (_redacted(_moved(line, begin)) for line in lines)
        return "\n".join([f"--- {name}", f"+++ {name}", *shown])


def _redacted(line: str) -> str:
    """A line of a file without the secrets of its URLs, of which several may stand in quotes."""
    return _UNQUOTED.sub(lambda part: lock_file.redacted(part[0]), lock_file.redacted(line))


def _common(one: list[str], other: list[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _moved(line: str, by: int) -> str:
    """A hunk's head with its lines counted from the file's beginning."""
    if not line.startswith("@@"):
        return line
    return re.sub(r"([-+])([0-9]+)", lambda match: f"{match[1]}{int(match[2]) + by}", line)


def changes(plan: Plan, go: ProjectGo) -> list[Change]:
    """The files that are to be changed, the notes last; raises LockError."""
    project, found = plan.project, []
    if plan.specs and project.asked is not None:
        asked = project.asked
        after = _environment(plan, asked)
        found.append(Change(asked.path, asked.yaml.text, after, asked.yaml))
    if plan.requires or plan.go:
        found.append(_go_mod(plan, go))
    if plan.notes_change and project.lock is not None:
        yaml, after = project.lock.yaml, lock_file.noted(project.lock, plan.notes.as_custom())
        found.append(Change(yaml.path, yaml.text, after, yaml, lock_file.parse))
    return [change for change in found if change.before != change.after]


def _environment(plan: Plan, asked: EnvironmentFile) -> str:
    edits, added = [], []
    for package, wanted in plan.specs.items():
        is_go = package == plan.project.rules.go
        there = plan.project.dependencies(package)
        for one in there:
            said = pin(one.spec)
            spec = go_spec(said.head, wanted) if is_go else said.at(wanted)
            if not (is_go and said.reaches(wanted)):
                edits.append(Edit(one.start, one.end, _as_there(asked, one, spec)))
        if not there:
            added.append(go_spec(package, wanted) if is_go else f"{package}={wanted}")
    return asked.yaml.edited([*edits, *_added(asked, added)])


def _as_there(asked: EnvironmentFile, one: Dependency, spec: str) -> str:
    """A spec in the quotes of the one in whose place it comes."""
    first = asked.yaml.text[one.start]
    if first in "&*!|>":
        # An alias stands for a text elsewhere, and a text over several lines ends in the next one.
        said = pin(one.spec)
        raise LockError(
            f"{asked.path}, line {one.line}, can't be changed: {printable(said.shown)} is written "
            "with an anchor, a tag or over several lines.",
            f"Write it as `{lock_file.redacted(spec)}`.",
        )
    if first in "\"'":
        return f"{first}{spec}{first}"
    return _scalar(spec)


def _scalar(spec: str) -> str:
    return spec if _PLAIN.fullmatch(spec) else yamlfile.quoted(spec)


def _added(asked: EnvironmentFile, specs: list[str]) -> Iterator[Edit]:
    """New entries behind the last one, with its indentation."""
    if not specs:
        return
    if not asked.dependencies:
        raise LockError(
            f"{asked.path} has no dependencies, behind which more could be put.",
            f"Write `dependencies: [{specs[0]}]` into it.",
        )
    last, text = asked.dependencies[-1], asked.yaml.text
    begin = text.rfind("\n", 0, last.start) + 1
    dash = _ITEM.fullmatch(text[begin : last.start])
    if dash is None:  # in brackets
        yield Edit(last.end, last.end, "".join(f", {_scalar(spec)}" for spec in specs))
        return
    end = text.find("\n", last.end)
    end = len(text) if end < 0 else end
    line_end = "\r\n" if text[:end].endswith("\r") else "\n"
    end -= len(line_end) - 1
    yield Edit(end, end, "".join(f"{line_end}{dash[0]}{_scalar(spec)}" for spec in specs))


def _go_mod(plan: Plan, go: ProjectGo) -> Change:
    """go.mod as `go mod edit` makes it, in a copy."""
    file = plan.project.module.file
    arguments = [f"-require={module}@{version}" for module, version in plan.requires.items()]
    if plan.go:
        arguments.append(f"-go={plan.go}")
    with tempfile.TemporaryDirectory(prefix="gokernel-lock-") as name:
        copy = Path(name) / "go.mod"
        try:
            before = file.read_bytes()
            copy.write_bytes(before)
            go.run(Path(name), "mod", "edit", *arguments, str(copy))
            return Change(file, before.decode(), copy.read_bytes().decode())
        except (OSError, UnicodeDecodeError) as error:
            raise LockError(f"{file} can't be changed: {error}.") from error
        except CommandError as error:
            raise LockError(
                f"Go would not change {file}.", "Look at its own words.", evidence=error.evidence
            ) from error
