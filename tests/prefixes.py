"""Made-up conda prefixes and Go installations: files only, as far as the core looks at them.

Where a real Go has to run, tests use the fixtures `goroot` and `conda_prefix`.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

from go_kernel import platforms
from go_kernel.cache import Cache, file_key
from go_kernel.digests import sha256

# Not a script and not empty: as much of a program as nothing here ever starts.
PROGRAM = b"\x7fELF made up"


def prefix(path: Path) -> Path:
    """An empty conda environment."""
    (path / "conda-meta").mkdir(parents=True)
    return path


def write(path: Path, content: str | bytes, *, mode: int = 0o644) -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def program(path: Path, content: str | bytes = PROGRAM) -> Path:
    """An executable file."""
    return write(path, content, mode=0o755)


def goroot(path: Path, version: str = "1.26.6", platform: str = "") -> Path:
    """A GOROOT that looks complete."""
    host = platforms.host()
    program(path / "bin" / "go", PROGRAM + version.encode())
    write(path / "VERSION", f"go{version}\ntime 2026-01-01T00:00:00Z\n")
    program(path / "pkg" / "tool" / (platform or f"{host.goos}_{host.goarch}") / "compile")
    return path


def go_prefix(path: Path, version: str = "1.26.6") -> Path:
    """A conda environment with Go, as conda-forge's packages lay it out."""
    prefix(path)
    goroot(path / "go", version)
    (path / "bin").mkdir()
    (path / "bin" / "go").symlink_to("../go/bin/go")
    return path


def go_record(prefix: Path) -> Path:
    """conda's record of the Go that is in a prefix: which file its `go` is."""
    name = "go/bin/go"
    entry = {"_path": name, "path_type": "hardlink", "sha256": sha256(prefix / name)}
    content = {"name": "go", "version": "1.26.6", "build": "0", "paths_data": {"paths": [entry]}}
    return write(prefix / "conda-meta" / "go-1.26.6-0.json", json.dumps(content))


def script(prefix: Path, name: str, text: str) -> Path:
    """An activation script."""
    return write(prefix / "etc" / "conda" / "activate.d" / name, text)


def package_variables(prefix: Path, name: str, variables: object) -> Path:
    """A package's variables; text is written as it is."""
    text = variables if isinstance(variables, str) else json.dumps(variables)
    return write(prefix / "etc" / "conda" / "env_vars.d" / name, text)


def state(prefix: Path, variables: Mapping[str, object]) -> Path:
    """What `conda env config vars set` writes."""
    return write(prefix / "conda-meta" / "state", json.dumps({"env_vars": variables}))


def cache(folder: Path) -> Cache:
    """An empty cache."""
    return Cache(folder / "cache")


def rewrite(path: Path, content: bytes) -> None:
    """Change a file in place, put its mtime back, and wait until ctime tells.

    File systems stamp files with a clock that ticks every few milliseconds.
    """
    before, status = file_key(path), path.stat()
    while file_key(path) == before:
        time.sleep(0.001)
        path.write_bytes(content)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
