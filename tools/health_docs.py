"""python -m tools.health_docs: write the tables of docs/health.md from the lists in the code."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from go_kernel.cli.doctor.checklist import every
from go_kernel.files import write_atomic
from go_kernel.goerrors.table import load
from go_kernel.health.catalogue import CHECKS
from go_kernel.health.check import About, Check, Kind
from go_kernel.health.fixes import registry

PAGE = Path(__file__).resolve().parent.parent / "docs" / "health.md"

_GROUPS = (
    ("The environment's files", Kind.STATIC, About.ENVIRONMENT),
    ("The machine", Kind.STATIC, About.MACHINE),
    ("Tried out, with `--deep`", Kind.LIVE, About.ENVIRONMENT),
    ("The machine, with `--deep`", Kind.LIVE, About.MACHINE),
)
_PROJECTS = "A project, with `--project DIR`"
_RISKS = {
    "none": "nothing is taken away",
    "low": "replaces what can be made again",
    "medium": "changes what somebody decided",
}


def written(page: str) -> str:
    """The page with its tables as the code has them; raises ValueError without the marks."""
    for name, lines in (("checks", _checks()), ("fixes", _fixes()), ("causes", _causes())):
        begin, end = f"<!-- {name}: python -m tools.health_docs -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if len(pattern.findall(page)) != 1:
            raise ValueError(f"{begin} must stand there once, and {end} behind it")
        table = "\n".join([begin, "", *lines, "", end])
        page = table.join(pattern.split(page))
    return page


def _checks() -> Iterator[str]:
    for title, checks in _grouped():
        if title != _GROUPS[0][0]:
            yield ""
        yield f"### {title}"
        yield ""
        yield from _table(
            ("check", "looks at", "what breaks it", "what mends it", "fix"), map(_row, checks)
        )


def _grouped() -> Iterator[tuple[str, Sequence[Check]]]:
    for title, kind, about in _GROUPS:
        yield title, [one for one in CHECKS if (one.kind, one.about) == (kind, about)]
    yield _PROJECTS, [one for one in every() if one not in CHECKS]


def _row(check: Check) -> tuple[str, ...]:
    fixes = ", ".join(f"`{fix}`" for fix in check.fixes)
    return f"`{check.id}`", check.title, check.broken_by, check.mended_by, fixes


def _fixes() -> Iterator[str]:
    yield from _table(
        ("fix", "does", "risk", "looks again at"),
        (
            (
                f"`{fix.id}`",
                fix.title,
                _RISKS[fix.risk.value],
                ", ".join(f"`{check}`" for check in fix.recheck),
            )
            for fix in registry.FIXES
        ),
    )


def _causes() -> Iterator[str]:
    """What Go's errors mean; the words in braces are filled in."""
    table = load()
    entries = [*table.rules.values(), *(entry for _, entry in table.causes)]
    yield from _table(
        ("why", "what to do"),
        ((_plain(entry["reason"]), _plain(entry["remedy"])) for entry in entries),
    )


def _plain(text: str) -> str:
    return re.sub(r"\{(\w+)\}", r"*\1*", text)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        cells = [cell.replace("|", r"\|") for cell in row]
        yield f"| {' | '.join(cells)} |"


def main() -> int:
    """Write the page."""
    write_atomic(PAGE, written(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
