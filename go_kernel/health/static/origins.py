"""Where a variable's value was written: the layers below, and their files."""

from __future__ import annotations

from pathlib import Path

from go_kernel import goenv
from go_kernel.conda.bookkeeping import undo
from go_kernel.environment import Layer, Origin, Overridden
from go_kernel.files import is_file, is_folder
from go_kernel.health.context import Context


def beneath(context: Context, name: str) -> list[Overridden]:
    """What the layers below the toolchain's say of a variable that kernels get from it.

    The last one is what counts in a terminal where the environment is activated.  What
    an inherited activation of another environment set isn't among them.
    """
    variable = context.resolved.environment.variables.get(name)
    in_parent = undo(context.env).get(name, context.env.get(name))
    said = [
        old
        for old in (variable.overrode if variable else ())
        if old.value and (old.origin.layer is not Layer.PARENT or old.value == in_parent)
    ]
    return sorted(said, key=lambda old: old.origin.layer)


def script_naming(file: Path, name: str) -> Path:
    """Of a folder of scripts the last one in whose text a variable is named; else `file`."""
    if not is_folder(file):
        return file
    naming = [one for one in sorted(file.glob("*.sh")) if _names(one, name)]
    return naming[-1] if naming else file


def _names(script: Path, name: str) -> bool:
    try:
        return is_file(script) and f"{name}=".encode() in script.read_bytes()
    except OSError:
        return False


def file_of(context: Context, origin: Origin) -> Path | None:
    """The file (or folder of scripts) that an origin speaks of; None where there is none."""
    place = origin.detail.partition(" (")[0]
    if origin.layer is Layer.GO_FILES:
        goroot = context.resolved.environment.toolchain.goroot
        return goroot / "go.env" if place == "$GOROOT/go.env" else goenv.user_file(context.env)
    prefix = context.target.prefix
    if origin.layer is Layer.ACTIVATION and prefix and place.startswith(("etc/", "conda-meta/")):
        return prefix / place
    if origin.layer is Layer.SETTINGS and place == "kernelspec":
        kernels = [kernel for kernel in context.subject.kernels if kernel.config]
        return kernels[0].folder / "kernel.json" if kernels else None
    return None
