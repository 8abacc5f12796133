"""A project as its checks see it: what Go says of it is asked once for all of them."""

from __future__ import annotations

import functools
import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from go_kernel.environment import Layer
from go_kernel.findings import Finding, FindingError, GoKernelError, Remedy, Status
from go_kernel.health.check import Answer, error, skipped
from go_kernel.health.context import Context
from go_kernel.health.project import said
from go_kernel.process import CommandError
from go_kernel.project import force, pipes
from go_kernel.project.force import InForce
from go_kernel.project.go import ProjectGo
from go_kernel.project.goversion import is_newer

# What Go reads of all packages may take long where a disk is slow.
SECONDS = 60.0
# The fix that tidies or vendors anew.
REPAIR = "project.repair"
_PACKAGE = "ImportPath,Dir,Name,Standard,Error,DepsErrors,Module"


class Looked:
    """The project in `folder` with an environment's Go, as a terminal there has it."""

    def __init__(self, folder: Path, context: Context):
        self.folder = folder
        self.context = context
        # Whether an earlier look found why Go may fail.
        self.is_told = False
        # What Go said where it could not list all modules.
        self.no_graph = ""

    @cached_property
    def said(self) -> Mapping[str, said.Said]:
        """Who says what of Go's variables."""
        return said.in_terminal(self.context)

    @cached_property
    def go(self) -> ProjectGo:
        """The environment's `go` with a terminal's variables."""
        kernels = self.context.resolved.environment.as_dict()
        places = ("GOPATH", "GOMODCACHE", "GOCACHE")
        kept = {k: v for k, v in kernels.items() if k not in said.NAMES or k in places}
        own = {name: one.value for name, one in self.said.items()}
        return ProjectGo(self.context.toolchain.go, {**kept, **own})

    @property
    def version(self) -> str:
        """The environment's Go."""
        return self.context.toolchain.version

    @cached_property
    def force(self) -> InForce:
        """What is in force; raises GoKernelError."""
        return force.find(self.go, self.folder)

    @property
    def root(self) -> Path:
        """Where commands about the project are run: its module's folder, or the workspace's."""
        found = self.force
        if found.own is not None and (found.is_own_used or not found.gowork):
            return found.own.folder
        return found.gowork.parent if found.gowork else self.folder

    @property
    def is_refused(self) -> bool:
        """Whether this Go refuses to load the project, as a file asks for a newer one."""
        asked = [self.force.go_line, *(str(m.content.get("Go") or "") for m in self.force.modules)]
        return any(is_newer(one, self.version) for one in asked)

    @cached_property
    def odd_file(self) -> Path | None:
        """A pipe, a folder or the like where Go reads or writes a file; None where all is plain."""
        return pipes.first(self.force)

    @cached_property
    def graph(self) -> Mapping[str, Mapping[str, Any]] | None:
        """The modules that Go selects, by path; None where they aren't all in the module cache."""
        words = ("list", "-m", "-mod=readonly", "-json=Path,Version,Replace,Main,Dir", "all")
        try:
            return {one["Path"]: one for one in self.go.objects(self.root, *words)}
        except CommandError as problem:
            self.no_graph = problem.output
            return None
        except KeyError:
            return None

    @cached_property
    def packages(self) -> Sequence[Mapping[str, Any]]:
        """All packages of the project and what they import; raises CommandError."""
        words = ("list", "-e", "-deps", f"-json={_PACKAGE}", *self._patterns())
        return self.go.objects(self.root, *words, timeout=SECONDS)

    def _patterns(self) -> Sequence[str]:
        """What names all packages of the project: `./...` is none where no module is around."""
        found = self.force
        if found.own is not None or found.gowork is None:
            return ("./...",)
        folders = (os.path.relpath(one.folder, self.root) for one in found.modules)
        return [f"./{folder}/..." for folder in folders] or ("./...",)

    def listing(self) -> str:
        """The command with which Go says what is wrong with packages."""
        return self.command("list", *self._patterns())

    def module_with(self, problem: str) -> str:
        """The path of the module whose package Go says this of; "" where it isn't known."""
        try:
            packages = self.packages
        except CommandError:
            return ""
        wrong = (one for one in packages if (one.get("Error") or {}).get("Err") == problem)
        return next((str((one.get("Module") or {}).get("Path") or "") for one in wrong), "")

    def unloaded(self, said: str) -> Finding:
        """What is said where Go can't load the project at all, in Go's own words."""
        if self.is_told:
            return skipped("Go can't load the project; why is told above.", said)
        lines = [line.strip() for line in said.splitlines() if line.strip()] or ["no word"]
        lines = lines[1:] if lines[0].endswith(":") and lines[1:] else lines
        return error(
            f"Go can't load the project: {lines[0].removeprefix('go: ').rstrip('.')}.",
            Remedy("See it as Go says it", (self.listing(),)),
            evidence=said,
        )

    @cached_property
    def problems(self) -> Sequence[str]:
        """What Go says is wrong with these packages, each once."""
        return tuple(dict.fromkeys(_problems(self.packages)))

    def command(self, *words: str, folder: Path | None = None) -> str:
        """A `go` command to run, from wherever."""
        return shlex.join([self._spoken_go, "-C", str(folder or self.root), *words])

    def setting(self, name: str, value: str) -> str:
        """The command that gives a variable another value, where its value is from now."""
        now, prefix = self.said.get(name), self.context.target.prefix
        if now is not None and now.origin.layer is Layer.PARENT:
            return f"export {name}={shlex.quote(value)}"
        if now is not None and now.origin.layer is Layer.ACTIVATION and prefix is not None:
            words = ("conda", "env", "config", "vars", "set", "-p", str(prefix))
            return shlex.join([*words, f"{name}={value}"])
        return shlex.join([self._spoken_go, "env", "-w", f"{name}={value}"])

    @cached_property
    def _spoken_go(self) -> str:
        """`go` where a shell finds the environment's by that; its path elsewhere."""
        go = self.context.toolchain.go
        found = shutil.which("go", path=self.context.env.get("PATH", ""))
        if found is not None and os.path.realpath(found) == os.path.realpath(go):
            return "go"
        prefix = self.context.target.prefix
        return str(prefix / "bin" / "go" if prefix is not None else go)


def _problems(packages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in packages:
        if one.get("Error"):
            yield str(one["Error"].get("Err") or "")


Look = Callable[[Looked], Answer]


class Project:
    """A folder that several checks look at: what one finds out serves the next."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._last: Looked | None = None

    def of(self, context: Context) -> Looked:
        """The project with this environment's Go."""
        # Two at once would only ask twice.
        last = self._last
        if last is None or last.context is not context:
            last = self._last = Looked(self.folder, context)
        return last

    def runs(self, look: Look) -> Callable[[Context], Answer]:
        """A check's `run`: nothing is run where the environment's Go can't be trusted."""

        def run(context: Context) -> Answer:
            for wrong in context.resolved.environment.errors:
                raise FindingError(wrong)
            looked = self.of(context)
            answer = look(looked)
            every = [answer] if isinstance(answer, Finding) else [*answer]
            looked.is_told = looked.is_told or any(one.status is Status.ERROR for one in every)
            return [said.shown(one, looked.said.values()) for one in every]

        return run


def of_modules(look: Look) -> Look:
    """A look at what needs a go.mod in force."""

    @functools.wraps(look)
    def careful(looked: Looked) -> Answer:
        try:
            found = looked.force
        except GoKernelError:
            return skipped("Which go.mod is in force is not known; project.module says why.")
        if found.file is None:
            return skipped(f"No go.mod is in force in {looked.folder}.")
        return look(looked)

    return careful


def of_loaded(look: Look) -> Look:
    """A look at what Go has to load the project for."""

    @functools.wraps(look)
    def careful(looked: Looked) -> Answer:
        if looked.is_refused:
            return skipped("This Go refuses the project; project.toolchain says why.")
        return look(looked)

    return of_modules(careful)
