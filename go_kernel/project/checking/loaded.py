"""Does Go load the modules?  What go.mod, go.sum and vendor say together, by Go itself.

Only what is wrong with the files counts: modules that the module cache doesn't hold, a Go
that is too old and packages that don't compile are no matter of theirs.  In a workspace
packages aren't listed, since Go would write its sums on being asked.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from go_kernel import gojson
from go_kernel.files import exists
from go_kernel.findings import Remedy
from go_kernel.process import CommandError, CommandTimedOut, Completed
from go_kernel.project.checking import tree
from go_kernel.project.checking.violation import Violation, format_of
from go_kernel.project.go import ProjectGo

_NO_SUM = re.compile(r"missing go\.sum entry for (?:module providing package )?(\S+)")
_NO_GO_MOD_SUM = re.compile(r"(\S+?): missing go\.sum entry for go\.mod file")
_NO_FOLDER = re.compile(r"replacement directory (.+) does not exist")
_NO_MODULE = re.compile(r"(?:module |\(replaced by )(.+?)\)?: reading \S*go\.mod: open ")
_VENDORING = re.compile(r"inconsistent vendoring in .*?:\n\s*(.*)")
_UNLOADED = re.compile(
    r"(?:error (?:reading|loading) go\.(?:mod|work):\s*|updates to go\.(?:mod|work) needed"
    r"|cannot load module .* listed in go\.work file|errors parsing go\.(?:mod|work):\s*)"
)
# The environment's matter.
_NEWER = re.compile(r"requires go >=|requires go ?1")
_SECONDS = 30.0


class Loader:
    """Asks `go` about the modules of a project's folder; `spoken` is that go in commands.

    `notes` are sentences about what isn't known or is left out.
    """

    def __init__(self, folder: Path, go: ProjectGo, spoken: Path):
        self.folder = folder
        self.go = go
        self.spoken = spoken
        self.notes: list[str] = []

    def violations(self, mods: Sequence[str], workspaces: bool) -> Iterator[Violation]:
        """What is wrong with the modules of these go.mod; raises CommandError.

        `workspaces` says whether a go.work may be in force for one of them.
        """
        seen: dict[Path, frozenset[Path]] = {}
        for name in mods:
            folder = (self.folder / name).parent
            work = self._workspace(folder) if workspaces else None
            if work is None:
                yield from self._module(name, folder)
                continue
            if work not in seen:
                dirs: set[Path] = set()
                yield from self._whole(work, dirs)
                seen[work] = frozenset(dirs)
            if seen[work] and Path(os.path.realpath(folder)) not in seen[work]:
                self.notes.append(
                    f"{name} is not used by {self._named(work)}, so that Go finds none of its "
                    "packages there."
                )

    def _workspace(self, folder: Path) -> Path | None:
        said = self.go.run(folder, "env", "GOWORK").stdout.strip()
        return _path(said) if said.startswith("/") and said != os.devnull else None

    def _module(self, name: str, folder: Path) -> Iterator[Violation]:
        if (pipe := tree.pipe_below(folder / "vendor")) is not None:
            yield plain(self._named(pipe))
            return
        words = ("list", "-e", "-deps", "-test", "-json=ImportPath,Error", "./...")
        done = self._asked(name, folder, *words)
        if done is None:
            return
        if done.returncode != 0:
            yield from self._failed(name, folder, done.stderr, "mod")
            return
        yield from self._imports(name, folder, [*dict.fromkeys(_errors(done))])

    def _whole(self, work: Path, dirs: set[Path]) -> Iterator[Violation]:
        """A workspace; `dirs` gets the folders of its modules."""
        name = self._named(work)
        if (pipe := tree.pipe_below(work.parent / "vendor")) is not None:
            yield plain(self._named(pipe))
            return
        done = self._asked(name, work.parent, "list", "-m", "-f", "{{.Dir}}")
        if done is None:
            return
        if done.returncode != 0:
            yield from self._failed(name, work.parent, done.stderr, "work")
            return
        lines = [line for line in done.stdout.splitlines() if line]
        dirs.update(Path(os.path.realpath(_path(line))) for line in lines)

    def _asked(self, name: str, folder: Path, *words: str) -> Completed | None:
        try:
            return self.go.run(folder, *words, timeout=_SECONDS, check=False)
        except CommandTimedOut as error:
            self.notes.append(
                f"Whether Go loads {name} is not known: it took longer than {error.seconds:g} s."
            )
        return None

    def _failed(self, name: str, folder: Path, said: str, verb: str) -> Iterator[Violation]:
        if _NEWER.search(said):
            return
        if found := _VENDORING.search(said):
            vendored = self._named(folder / "vendor" / "modules.txt")
            summary = f"{vendored} isn't what {name} says: {_sentence(found[1])}."
            yield format_of("vendor", summary, vendored, remedy=self._tidy(folder, verb, "vendor"))
        elif found := _NO_GO_MOD_SUM.search(said):
            yield self._no_sum(folder, [found[1]])
        elif instead := _gone(said):
            yield _no_module(name, instead)
        elif _UNLOADED.search(said):
            reason = _sentence(_UNLOADED.sub(_kept, said.strip()).splitlines()[0])
            yield format_of(f"go-{verb}", f"Go can't load {name}: {reason}.", name)

    def _imports(self, name: str, folder: Path, errors: Sequence[str]) -> Iterator[Violation]:
        missing = [found[1] for one in errors if (found := _NO_SUM.search(one))]
        if missing:
            yield self._no_sum(folder, missing)
        for instead in dict.fromkeys(map(_gone, errors)):
            if instead:
                yield _no_module(name, instead)

    def _no_sum(self, folder: Path, wanted: Sequence[str]) -> Violation:
        sums = folder / "go.sum"
        name = self._named(sums)
        more = f" and {len(wanted) - 1} more" if len(wanted) > 1 else ""
        what = f"{name} has no line" if exists(sums) else f"There is no {name}, which needs a line"
        said = f"{what} for {wanted[0]}{more}, which is imported."
        return format_of("go-sum", said, name, remedy=self._tidy(folder, "mod", "tidy"))

    def _tidy(self, folder: Path, *words: str) -> Remedy:
        command = shlex.join([str(self.spoken), "-C", str(folder), *words])
        return Remedy("Have Go write it", (command,))

    def _named(self, file: Path) -> str:
        inside = file.is_relative_to(self.folder)
        return str(file.relative_to(self.folder)) if inside else str(file)


def plain(name: str) -> Violation:
    """What Go would wait for."""
    said = f"{name} is no plain file: Go waits for whoever writes into it."
    return format_of("unreadable", said, name, remedy=Remedy("Take it away."))


def _errors(done: Completed) -> Iterator[str]:
    try:
        for one in gojson.objects(done.stdout):
            if wrong := dict(one).get("Error"):
                yield str(wrong.get("Err") or "")
    except (ValueError, TypeError, AttributeError) as error:
        raise CommandError(done.argv, "go list printed no JSON.", done.stdout) from error


def _path(said: str) -> Path:
    """Go says it in UTF-8, whatever the locale has file names in."""
    return Path(os.fsdecode(said.encode("utf-8", "surrogateescape")))


def _gone(said: str) -> str:
    """The folder that stands in for a module, and holds none; "" where that isn't said."""
    found = _NO_FOLDER.search(said) or _NO_MODULE.search(said)
    return found[1] if found else ""


def _no_module(name: str, instead: str) -> Violation:
    said = (
        f"{name} puts {instead} in the place of a module that is imported, and no module is there."
    )
    remedy = Remedy("Put the module there, or take the replace directive out.")
    return format_of("replace", said, name, remedy=remedy)


def _kept(found: re.Match[str]) -> str:
    """What introduces a reason goes; what is one stays."""
    return "" if found[0].rstrip().endswith(":") else found[0]


def _sentence(said: str) -> str:
    text = said.strip().removeprefix("go: ").partition("; to ")[0]
    return text.partition(". To ")[0].rstrip(".:;")
