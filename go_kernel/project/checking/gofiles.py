"""Are go.mod, go.work and go.sum well-formed?  Go's own parsers say so."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel.files import is_file
from go_kernel.project.checking.tree import Tree
from go_kernel.project.checking.violation import Violation, format_of
from go_kernel.project.go import ProjectGo
from go_kernel.project.reading import Unreadable, read

# Go prints no go.sum, and reads one only where something is required that it hasn't got.
_PROBE = "module probe\n\ngo 1.16\n\nrequire probe.invalid/none v1.0.0\n"
_IN_PROBE = {"GOFLAGS": "-mod=readonly", "GOWORK": "off", "GO111MODULE": "on"}
_MALFORMED = re.compile(r"(?m)^.*go\.sum:([0-9]+): (.+)$")
_LINE = re.compile(r"line ([0-9]+): ")
_MOST = 64 << 20


@dataclass(frozen=True)
class GoFiles:
    """What Go says of them: `lines` are the go lines of those that it can read, by name."""

    faults: tuple[Violation, ...]
    lines: Mapping[str, str]


def examined(folder: Path, tree: Tree, go: ProjectGo) -> GoFiles:
    """All files of Go's in a project, read by Go; raises CommandError."""
    faults, lines = [], {}
    for verb, names in (("mod", tree.mods), ("work", tree.works)):
        for name in names:
            try:
                lines[name] = str(read(go, verb, folder / name).get("Go") or "")
            except Unreadable as error:
                faults.append(unreadable(folder, error))
    for name in tree.sums:
        reason, line = _sums(folder / name, go)
        if reason:
            where = f", line {line}" if line else ""
            said = f"Go can't read {name}{where}: {reason}."
            faults.append(format_of("go-sum", said, name, line))
    return GoFiles(tuple(faults), lines)


def unreadable(folder: Path, error: Unreadable) -> Violation:
    """A go.mod or go.work that Go can't read."""
    name = seen_from(folder, error.file)
    found = _LINE.match(error.reason)
    return format_of(
        "go-work" if error.file.name == "go.work" else "go-mod",
        f"Go can't read {name}: {error.reason}.",
        name,
        int(found[1]) if found else 0,
    )


def seen_from(folder: Path, file: Path) -> str:
    """A file's name as it is spoken of: from the project's folder, where it is in there."""
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)


def _sums(path: Path, go: ProjectGo) -> tuple[str, int]:
    """What Go says of a go.sum, and of which line; "" where it takes it."""
    if not is_file(path):
        return "it is no plain file", 0
    try:
        if path.stat().st_size > _MOST:
            return f"it is larger than {_MOST >> 20} MiB", 0
        with tempfile.TemporaryDirectory(prefix="gokernel-check-") as probe:
            Path(probe, "go.mod").write_text(_PROBE)
            shutil.copyfile(path, Path(probe, "go.sum"))
            done = go.run(Path(probe), "list", "-m", "all", check=False, more=_IN_PROBE)
    except OSError as error:
        return (error.strerror or str(error)).lower(), 0
    if "malformed go.sum" not in done.stderr:
        return "", 0
    found = _MALFORMED.search(done.stderr)
    return (found[2].strip(), int(found[1])) if found else ("it is malformed", 0)
