"""A Go program that tests run beside ours, built from its own module and kept in the dev cache.

Its folder in `tools/` holds go.mod and go.sum, which say what it is made of, down to the
last hash; it is built by a pinned Go, once for each content of that folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel.findings import GoKernelError
from go_kernel.process import CommandError, run
from tools import toolchains
from tools.dev_cache import dev_cache, made_once

_GO = "1.26"
_SECONDS = 1800


class GoProgramError(GoKernelError):
    """A program can't be built."""

    id = "tools.go-program"

    def __init__(self, program: str, evidence: str):
        super().__init__(
            f"{program} could not be built.",
            "Look at Go's own words, and at GOPROXY.",
            evidence=evidence,
        )
        self.program = program


@dataclass(frozen=True)
class GoProgram:
    """A program by its name, which is its folder's in `tools/`; `package` is its import path."""

    name: str
    package: str

    @property
    def folder(self) -> Path:
        """Where its go.mod and go.sum are."""
        return Path(__file__).with_name(self.name)

    def goroot(self, env: Mapping[str, str] | None = None) -> Path:
        """The GOROOT of the Go that builds it; raises ToolchainError where it can't be had."""
        return toolchains.goroot(toolchains.newest(_GO), env=env)

    def built(self, env: Mapping[str, str] | None = None) -> Path:
        """The program, built where the dev cache doesn't have it.

        Raises GoProgramError, and ToolchainError where Go can't be had.
        """
        environment = os.environ if env is None else env
        goroot = self.goroot(environment)

        def make(place: Path) -> None:
            argv = [f"{goroot}/bin/go", "build", "-trimpath", "-ldflags=-s -w", "-o", str(place)]
            variables = _build_variables(goroot, environment)
            try:
                run([*argv, self.package], env=variables, timeout=_SECONDS, cwd=self.folder)
            except CommandError as error:
                raise GoProgramError(self.name, error.evidence) from error

        kept = dev_cache(environment) / self.name / self._digest(goroot)
        return made_once(kept / self.name, make)

    def _digest(self, goroot: Path) -> str:
        seen = hashlib.sha256((goroot / "VERSION").read_bytes())
        for path in (self.folder / "go.mod", self.folder / "go.sum", Path(__file__)):
            seen.update(path.read_bytes())
        return seen.hexdigest()[:16]


def _build_variables(goroot: Path, env: Mapping[str, str]) -> dict[str, str]:
    cache = dev_cache(env)
    return {
        **{name: value for name, value in env.items() if not name.startswith("CGO_")},
        "GOMODCACHE": str(cache / "gomodcache"),
        "GOCACHE": str(cache / "gocache"),
        "GOROOT": str(goroot),
        "PATH": f"{goroot}/bin:{env.get('PATH', '/usr/bin:/bin')}",
        "GOTOOLCHAIN": "local",
        "GOENV": "off",
        "GOWORK": "off",
        # go.sum decides, and it is committed: no checksum database is asked.
        "GOSUMDB": "off",
        "GOFLAGS": "-mod=readonly -modcacherw",
        # No C compiler is asked for, and nothing of the machine's is linked.
        "CGO_ENABLED": "0",
    }
