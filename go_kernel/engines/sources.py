"""Sources to build from: copied, verified, mended, and with names of their own.

Files in the module cache can't be replaced by `go build -overlay`, so the modules
are copied out and named by `replace`.

Where a kernel loads what a notebook imports, the modules that it only uses itself get
private import paths.  A process holds each package once, so a notebook could otherwise
import golang.org/x/sync only in the very version that the kernel happens to be made with.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from go_kernel.engines import mend
from go_kernel.engines.fetch import Module, hash_of
from go_kernel.engines.job import Job

PRIVATE = "gokernel.engine/"
_GO_LINE = re.compile(r"^go (\d+\.\d+(?:\.\d+)?)\s*$", re.MULTILINE)
# What the go command assumes of a module without a go.mod.
_OLDEST = "1.16"


def assemble(job: Job, modules: Sequence[Module], folder: Path, work: Path) -> None:
    """Fill `work` with a main module and the sources of `modules`, ready for `go build`.

    `folder` holds the engine's mends.  Raises BuildFailed where a module isn't what
    go.sum says, MendFailed, and OSError.
    """
    mended = {path: name for name, path in job.engine.mended.items()}
    copies = {module.path: work / "src" / str(i) for i, module in enumerate(modules)}
    for module in modules:
        _copy(job, module, copies[module.path])
    mends = mend.load(folder / "mends")
    mends.apply({name: copies[path] for path, name in mended.items()})
    private = [
        module.path
        for module in modules
        if job.engine.private_modules and module.path not in mended
    ]
    replaced = []
    for module in modules:
        copy = copies[module.path]
        name = PRIVATE + module.path if module.path in private else module.path
        _rename(copy, private)
        _write_go_mod(copy, name)
        version = "v0.0.0" if module.path in private else module.version
        replaced.append(Module(name, version, copy, module.sum))
    (work / "go.mod").write_text(main_module(job.toolchain.go_line, replaced))


def main_module(go_line: str, modules: Sequence[Module]) -> str:
    """The go.mod of the main module: all requirements, each replaced by its folder.

    Its go line is the toolchain's own, so that the runtime behaves as that Go does and
    not as the oldest we support (ref: https://go.dev/doc/godebug).
    """
    modules = sorted(modules, key=lambda module: module.path)
    lines = ["module gokernel.engine/main", "", f"go {go_line}", "", "require ("]
    lines += [f"\t{module.path} {module.version}" for module in modules]
    lines += [")", "", "replace ("]
    # Relative: a folder's path may hold anything, ours doesn't.
    lines += [f"\t{module.path} => ./src/{module.folder.name}" for module in modules]
    return "\n".join([*lines, ")", ""])


def _copy(job: Job, module: Module, target: Path) -> None:
    # Copied without modes: the module cache is read-only.
    shutil.copytree(module.folder, target, copy_function=shutil.copyfile, symlinks=True)
    for path in (target, *target.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    # The copy, not the original: that could change after we looked.
    copied = Module(module.path, module.version, target, module.sum)
    if (found := hash_of(copied)) != module.sum:
        raise job.failed(
            f"verifying {module.path}@{module.version}: checksum mismatch\n"
            f"\t{module.folder}: {found}\n\tgo.sum: {module.sum}",
            "a module was changed",
        )


def _rename(folder: Path, private: Sequence[str]) -> None:
    """Give the imports of `private` modules in a module's sources their private paths."""
    if not private:
        return
    quoted = "|".join(re.escape(path) for path in private)
    pattern = re.compile(rf'"({quoted})(?=["/])'.encode())
    for path in folder.rglob("*.go"):
        text = path.read_bytes()
        renamed = pattern.sub(b'"' + PRIVATE.encode() + rb"\1", text)
        if renamed != text:
            path.write_bytes(renamed)


def _write_go_mod(folder: Path, name: str) -> None:
    """Name a module; its requirements are the main module's business.

    The go line stays: it decides what the language means.
    """
    path = folder / "go.mod"
    match = _GO_LINE.search(path.read_text()) if path.exists() else None
    path.write_text(f"module {name}\n\ngo {match[1] if match else _OLDEST}\n")
