"""Who set GOOS or GOARCH to another platform, and how it is taken back."""

from __future__ import annotations

import shlex
from dataclasses import replace

from go_kernel.environment import Layer, Merge, Origin
from go_kernel.findings import Remedy
from go_kernel.platforms import PlatformMismatch
from go_kernel.toolchain import Toolchain


def named(found: PlatformMismatch, merge: Merge, toolchain: Toolchain) -> PlatformMismatch:
    """The same with those variables that differ from the toolchain's, by origin."""
    own = {"GOOS": toolchain.goos, "GOARCH": toolchain.goarch}
    wrong = {
        name: merge.variables[name].origin
        for name, value in own.items()
        if merge.get(name, value) != value
    }
    if not wrong:
        return found
    said = ", ".join(f"{name} is set by {_spoken(origin)}" for name, origin in wrong.items())
    # What one place set, one command takes back; the other shows when this one is mended.
    first = next(iter(wrong.values()))
    names = [name for name, origin in wrong.items() if origin == first]
    return replace(found, set_by=said, remedy=_taken_back(names, first, toolchain))


def _spoken(origin: Origin) -> str:
    if origin.layer is Layer.GO_FILES:
        return f"`{origin.detail}`" if origin.detail.startswith("go env") else origin.detail
    return str(origin)


def _taken_back(names: list[str], origin: Origin, toolchain: Toolchain) -> Remedy:
    spoken = " and ".join(names)
    if origin.layer is Layer.GO_FILES and origin.detail == "go env -w":
        command = shlex.join([str(toolchain.go), "env", "-u", *names])
        return Remedy(f"Take {spoken} back", (command,))
    if origin.layer is Layer.GO_FILES:
        return Remedy(f"Take {spoken} out of {toolchain.goroot / 'go.env'}.")
    if origin.detail == "conda-meta/state" and toolchain.prefix:
        words = ["-p", str(toolchain.prefix), *names]
        return Remedy(f"Unset {spoken}", (f"conda env config vars unset {shlex.join(words)}",))
    if origin.layer is Layer.ACTIVATION:
        return Remedy(
            f"Take {spoken} out of {origin.detail}, or install a Go of the environment's own "
            "platform."
        )
    return Remedy(f"Take {spoken} out of the {origin}.")
