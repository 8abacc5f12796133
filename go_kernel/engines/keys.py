"""The name of a build: a digest of everything that makes one differ from another.

A kernel and the plugins it loads must come from the same sources, toolchain and
flags.  So what decides that decides the key, and nothing else does: where GOROOT
lies doesn't, since all is built -trimpath; nor does the user.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from go_kernel import goflags
from go_kernel.engines import mend
from go_kernel.engines.catalogue import Engine
from go_kernel.toolchain import Toolchain

# Raised when this package builds the same sources in another way.
RECIPE = "1"

# What else makes the compiler write other packages.
# ref: https://pkg.go.dev/cmd/go#hdr-Environment_variables
_ARCHITECTURE = (
    *("GO386", "GOAMD64", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64"),
    *("GOEXPERIMENT", "GOFIPS140", "CGO_ENABLED"),
)

KEY = re.compile(r"[a-z]+-go[0-9][0-9a-z.]*-[0-9a-f]{32}")


@functools.cache
def sources_digest(folder: Path) -> str:
    """SHA-256 over an engine's folder (go.mod, go.sum, mends) and what its mends take.

    Read once a process.
    """
    digest = hashlib.sha256()
    own = sorted(p for p in folder.rglob("*") if p.is_file())
    files = [(path.relative_to(folder).as_posix(), path) for path in own]
    for name, path in (*files, *sorted(mend.taken(folder / "mends").items())):
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def build_flags(variables: Mapping[str, str]) -> list[str]:
    """The GOFLAGS of kernel and plugins, without those that make no other program."""
    value, _ = goflags.for_kernel(variables.get("GOFLAGS", ""))
    return [flag for flag in goflags.split(value) if goflags.name_of(flag) != "modcacherw"]


def build_key(
    engine: Engine, toolchain: Toolchain, variables: Mapping[str, str], go_hash: str
) -> str:
    """The key of `engine` built by `toolchain` under `variables`.

    `go_hash` is the SHA-256 of the toolchain's `go`.  A key is also a folder's name.
    """
    parts = [
        RECIPE,
        engine.name,
        sources_digest(engine.folder),
        toolchain.version,
        go_hash,
        toolchain.goos,
        toolchain.goarch,
        *(f"{name}={variables.get(name, '')}" for name in _ARCHITECTURE),
        *build_flags(variables),
    ]
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    version = re.match(r"[0-9][0-9a-z.]*", toolchain.version)
    return f"{engine.name}-go{version[0] if version else 0}-{digest[:32]}"
