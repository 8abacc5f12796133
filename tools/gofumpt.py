"""gofumpt, the stricter gofmt that some environments have, built from its own module.

`tools/gofumpt/` holds go.mod and go.sum; it is built by a pinned Go, once for each content of
that folder, and kept in the dev cache.

    python -m tools.gofumpt
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from go_kernel.findings import GoKernelError
from go_kernel.process import CommandError, run
from tools import toolchains
from tools.dev_cache import dev_cache, made_once

_FOLDER = Path(__file__).with_name("gofumpt")
_PACKAGE = "mvdan.cc/gofumpt"
_GO = "1.26"
_SECONDS = 600


class GofumptError(GoKernelError):
    """gofumpt can't be built."""

    id = "tools.gofumpt"


def program(env: Mapping[str, str] | None = None) -> Path:
    """The program, built where the dev cache doesn't have it.

    Raises `GofumptError`, and `ToolchainError` where Go can't be had.
    """
    environment = os.environ if env is None else env
    goroot = toolchains.goroot(toolchains.newest(_GO), env=environment)
    cache = dev_cache(environment)
    variables = {
        **environment,
        "GOMODCACHE": str(cache / "gomodcache"),
        "GOCACHE": str(cache / "gocache"),
        "GOROOT": str(goroot),
        "PATH": f"{goroot}/bin:{environment.get('PATH', '/usr/bin:/bin')}",
        "GOTOOLCHAIN": "local",
        "GOENV": "off",
        "GOWORK": "off",
        # go.sum decides, and it is committed: no checksum database is asked.
        "GOSUMDB": "off",
        "GOFLAGS": "-mod=readonly -modcacherw",
        "CGO_ENABLED": "0",
    }

    def make(place: Path) -> None:
        argv = [f"{goroot}/bin/go", "build", "-trimpath", "-o", str(place), _PACKAGE]
        try:
            run(argv, env=variables, timeout=_SECONDS, cwd=_FOLDER)
        except CommandError as error:
            raise GofumptError(
                "gofumpt could not be built.",
                "Look at Go's own words, and at GOPROXY.",
                evidence=error.evidence,
            ) from error

    return made_once(cache / "gofumpt" / _digest(goroot) / "gofumpt", make)


def _digest(goroot: Path) -> str:
    seen = hashlib.sha256((goroot / "VERSION").read_bytes())
    for name in ("go.mod", "go.sum"):
        seen.update((_FOLDER / name).read_bytes())
    return seen.hexdigest()[:16]


if __name__ == "__main__":
    print(program())
