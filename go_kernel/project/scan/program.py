"""The program that reads many files at once, built by the Go whose parser it has.

Go's sources hold the parser of go.mod, and keep it to themselves.  A copy of these four
packages, with a main program of ours beside them, is a module that needs nothing else.
ref: https://pkg.go.dev/golang.org/x/mod/modfile
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from go_kernel import process
from go_kernel.cache import file_key
from go_kernel.files import foreign_writer, is_file, private_folder, write_atomic
from go_kernel.folders import cache_folder
from go_kernel.project.go import ProjectGo
from go_kernel.toolchain import Toolchain
from go_kernel.ways import leads_astray

_SOURCE = Path(__file__).with_name("reader") / "read.go"
_VENDORED = "src/cmd/vendor/golang.org/x/mod"
_PACKAGES = ("modfile", "module", "semver", "internal")
# Without a build cache Go compiles some of its standard library first.
_SECONDS = 300.0


def built(toolchain: Toolchain, env: Mapping[str, str]) -> Path | None:
    """The program of this Go where it was built before, and nobody else could have changed it."""
    with suppress(OSError):
        path = _place(toolchain, env)
        ours = is_file(path) and not foreign_writer(path) and not foreign_writer(path.parent)
        if ours and not leads_astray(path) and os.access(path, os.X_OK):
            return path
    return None


def build(go: ProjectGo, toolchain: Toolchain, env: Mapping[str, str]) -> Path | None:
    """Build it and keep it; None where that can't be done: files are read one by one then."""
    try:
        path = _place(toolchain, env)
        with tempfile.TemporaryDirectory(prefix="gokernel-scan-") as folder:
            program = _compiled(go, toolchain, Path(folder))
            private_folder(path.parent)
            write_atomic(path, program, mode=0o700)
    except (OSError, process.CommandError):
        return None
    return built(toolchain, env)


def _compiled(go: ProjectGo, toolchain: Toolchain, folder: Path) -> bytes:
    module = folder / "mod"
    for package in _PACKAGES:
        shutil.copytree(toolchain.goroot / _VENDORED / package, module / package)
    (module / "read").mkdir()
    shutil.copyfile(_SOURCE, module / "read" / "read.go")
    # Its path is that of the packages: so they may import each other, and we them.
    (module / "go.mod").write_text(f"module golang.org/x/mod\n\ngo {toolchain.go_line}\n")
    more = {"GOWORK": "off", "GOFLAGS": "", "CGO_ENABLED": "0"}
    out = folder / "read"
    arguments = ("build", "-trimpath", "-buildvcs=false", "-o", str(out), "./read")
    go.run(module, *arguments, timeout=_SECONDS, more=more)
    return out.read_bytes()


def _place(toolchain: Toolchain, env: Mapping[str, str]) -> Path:
    key = hashlib.sha256(_SOURCE.read_bytes())
    key.update(f"{toolchain.go}\0{toolchain.version}\0{file_key(toolchain.go)}".encode())
    return cache_folder(env) / "scan" / f"read-{key.hexdigest()[:24]}"
