"""What `go build ./...` makes of a project: which packages it can't build.

What it builds goes into Go's build cache and nowhere else; no program that comes of it
is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel import gojson
from go_kernel.project.go import ProjectGo

# A project that nobody ever built here takes its time.
SECONDS = 900.0
_ALL = "./..."


@dataclass(frozen=True)
class Built:
    """Whether all of it builds; if not, which packages do, and what Go said."""

    is_whole: bool
    well: frozenset[str] = frozenset()
    broken: tuple[str, ...] = ()
    output: str = ""

    def lost(self, before: Built) -> tuple[str, ...]:
        """The packages that no longer build, or `./...` where only their linking fails."""
        if self.is_whole:
            return ()
        if before.is_whole:
            return self.broken or (_ALL,)
        return tuple(sorted(before.well - self.well))

    def __str__(self) -> str:
        """A clause: `go build ./...` …"""
        if self.is_whole:
            return "succeeds"
        if not self.well and not self.broken:
            return "fails before it builds anything"
        total = len(self.well) + len(self.broken)
        return f"fails for {len(self.broken)} of {total} package{'s' * (total != 1)}"


def build(go: ProjectGo, folder: Path, *flags: str, off: bool = False) -> Built:
    """Build all packages at and below `folder`; with `off` as if there were no go.work.

    Raises CommandError where Go takes longer than `SECONDS`, or can't be started.
    """
    more = {"GOWORK": "off"} if off else {}
    done = go.run(
        folder, "build", *flags, "-o", "/dev/null", _ALL, timeout=SECONDS, check=False, more=more
    )
    if done.returncode == 0:
        return Built(is_whole=True)
    asked = ("list", "-e", "-export", *flags, "-json=ImportPath,Export,Error,DepsErrors", _ALL)
    listed = go.run(folder, *asked, timeout=SECONDS, check=False, more=more)
    return _judged(listed.stdout, done.stderr)


def _judged(listed: str, output: str) -> Built:
    try:
        packages: Sequence[dict[str, object]] = [dict(one) for one in gojson.objects(listed)]
    except (ValueError, TypeError):
        packages = ()
    well: set[str] = set()
    broken: set[str] = set()
    for one in packages:
        bad = one.get("Error") or one.get("DepsErrors") or not one.get("Export")
        (broken if bad else well).add(str(one.get("ImportPath", "")))
    return Built(False, frozenset(well), tuple(sorted(broken)), output)
