"""Athens, the module proxy that bigger sites run, built from its own module.

`tools/athens/` holds go.mod and go.sum, which say what it is made of, down to the last
hash; it is built by a pinned Go, once for each content of that folder, and kept in the
dev cache.

    python -m tools.athens
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

_FOLDER = Path(__file__).with_name("athens")
_PACKAGE = "github.com/gomods/athens/cmd/proxy"
_GO = "1.26"
_SECONDS = 1800


class AthensError(GoKernelError):
    """Athens can't be built."""

    id = "tools.athens"


def goroot(env: Mapping[str, str] | None = None) -> Path:
    """The GOROOT of the Go that builds it, and that it runs to get modules."""
    return toolchains.goroot(toolchains.newest(_GO), env=env)


def proxy(env: Mapping[str, str] | None = None) -> Path:
    """The program `athens-proxy`, built where the dev cache doesn't have it.

    Raises `AthensError`, and `ToolchainError` where Go can't be had.
    """
    environment = os.environ if env is None else env
    root = goroot(environment)

    def make(place: Path) -> None:
        argv = [f"{root}/bin/go", "build", "-trimpath", "-ldflags=-s -w", "-o", str(place)]
        variables = _build_variables(root, environment)
        try:
            run([*argv, _PACKAGE], env=variables, timeout=_SECONDS, cwd=_FOLDER)
        except CommandError as error:
            raise AthensError(
                "Athens could not be built.",
                "Look at Go's own words, and at GOPROXY.",
                evidence=error.evidence,
            ) from error

    folder = dev_cache(environment) / "athens" / _digest(root)
    return made_once(folder / "athens-proxy", make)


def _build_variables(root: Path, env: Mapping[str, str]) -> dict[str, str]:
    cache = dev_cache(env)
    return {
        **{name: value for name, value in env.items() if not name.startswith("CGO_")},
        "GOMODCACHE": str(cache / "gomodcache"),
        "GOCACHE": str(cache / "gocache"),
        "GOROOT": str(root),
        "PATH": f"{root}/bin:{env.get('PATH', '/usr/bin:/bin')}",
        "GOTOOLCHAIN": "local",
        "GOENV": "off",
        "GOWORK": "off",
        # go.sum decides, and it is committed: no checksum database is asked.
        "GOSUMDB": "off",
        "GOFLAGS": "-mod=readonly -modcacherw",
        # No C compiler is asked for, and nothing of the machine's is linked.
        "CGO_ENABLED": "0",
    }


def _digest(root: Path) -> str:
    seen = hashlib.sha256((root / "VERSION").read_bytes())
    for path in (_FOLDER / "go.mod", _FOLDER / "go.sum", Path(__file__)):
        seen.update(path.read_bytes())
    return seen.hexdigest()[:16]


if __name__ == "__main__":
    print(proxy())
