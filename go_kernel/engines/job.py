"""One building of one engine: what runs `go` for it, against one clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from go_kernel import goflags, process
from go_kernel.engines.catalogue import Engine
from go_kernel.engines.errors import BuildFailed, BuildTimedOut
from go_kernel.engines.keys import build_flags
from go_kernel.toolchain import Toolchain


def build_variables(variables: Mapping[str, str], toolchain: Toolchain) -> dict[str, str]:
    """The environment of `go` while it builds, from that of the kernel."""
    flags = build_flags(variables)
    if "-modcacherw" in goflags.split(variables.get("GOFLAGS", "")):
        flags.append("-modcacherw")
    return {
        **variables,
        "GOROOT": str(toolchain.goroot),
        "GOOS": toolchain.goos,
        "GOARCH": toolchain.goarch,
        "GOFLAGS": goflags.join(flags),
        "GOENV": "off",
        "GO111MODULE": "on",
        "GOWORK": "off",
        "GOTOOLCHAIN": "local",
        # All modules are pinned by a go.sum that ships with us, which says more than the
        # checksum database could; and that can't be reached from everywhere.
        "GOSUMDB": "off",
    }


@dataclass
class Job:
    """Who builds what, for how long, telling whom; `timeout` in seconds from now on."""

    engine: Engine
    toolchain: Toolchain
    variables: Mapping[str, str]
    timeout: float
    progress: Callable[[str], None]
    begin: float = field(default_factory=time.monotonic)

    def working_in(self, folder: Path) -> Job:
        """The same, with `go`'s own working folders in this one, unless somebody chose another.

        A `go` that is killed leaves them behind, up to 75 MB each.
        """
        chosen = self.variables.get("GOTMPDIR") or str(folder)
        return replace(self, variables={**self.variables, "GOTMPDIR": chosen})

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.begin

    def left(self, doing: str) -> float:
        """Seconds that are left; raises BuildTimedOut where none are."""
        left = self.timeout - self.seconds
        if left <= 0:
            raise self.timed_out(doing)
        return left

    def go(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        step: str,
        check: bool = True,
        on_line: Callable[[str], None] | None = None,
    ) -> process.Completed:
        """Run the toolchain's `go`; `step` says what for, as in "compiling"."""
        argv = (str(self.toolchain.go), *arguments)
        return self.run(argv, self.variables, cwd=cwd, step=step, check=check, on_line=on_line)

    def run(
        self,
        argv: Sequence[str],
        variables: Mapping[str, str],
        *,
        cwd: Path,
        step: str,
        check: bool = True,
        on_line: Callable[[str], None] | None = None,
    ) -> process.Completed:
        """Run a program; raises BuildFailed and BuildTimedOut."""
        limit = self.left(step)
        try:
            return process.run(
                argv,
                env={**variables, "PWD": str(cwd)},
                timeout=limit,
                cwd=cwd,
                check=check,
                on_line=on_line,
            )
        except process.CommandTimedOut as error:
            raise self.timed_out(step) from error
        except process.CommandError as error:
            raise self.failed(error.output or str(error), f"{step} failed") from error

    def failed(self, output: str, what: str) -> BuildFailed:
        """The error for a step that failed."""
        return BuildFailed(self.engine.name, self.toolchain, output.strip(), what, self.variables)

    def timed_out(self, doing: str) -> BuildTimedOut:
        """The error for a build that took too long."""
        return BuildTimedOut(self.engine.name, self.toolchain, self.timeout, doing)
