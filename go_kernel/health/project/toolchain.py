"""Do the go and toolchain lines suit the environment's Go?

ref: https://go.dev/doc/toolchain
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from go_kernel.environment import Layer
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import error, info, ok, warn
from go_kernel.health.project.looked import Looked, of_modules
from go_kernel.health.project.said import Said
from go_kernel.project.goversion import is_newer, order


@of_modules
def look(looked: Looked) -> Finding:
    """A newer go line is refused, or another Go fetched; a newer toolchain line is a wish."""
    found, own = looked.force, looked.version
    evidence = "\n".join(_evidence(looked))
    asked = max(_asked(looked), key=lambda one: order(one[1]), default=("", ""))
    switching = looked.said.get("GOTOOLCHAIN")
    fetches = switching is not None and switching.value != "local"
    if asked[1] and is_newer(asked[1], own):
        file, line = asked
        if fetches and switching is not None:
            return warn(
                f"{file} asks for Go {line}, and the environment has {own}: kernels refuse it, "
                f"terminals run another Go ({switching.shown}, set by {switching.by}).",
                _newer(line, looked),
                evidence=evidence,
            )
        return error(
            f"{file} asks for Go {line}, and the environment has {own}, which refuses it.",
            _newer(line, looked),
            evidence=evidence,
        )
    named = found.toolchain_line
    if named and named != "default" and is_newer(named, own):
        if fetches and switching is not None:
            return warn(
                f"{found.file} names the toolchain {named}: terminals run that and not the "
                f"environment's {own} ({switching.shown}, set by {switching.by}).",
                _local(looked, switching),
                evidence=evidence,
            )
        return info(
            f"{found.file} names the toolchain {named}; the environment's Go {own} is used all "
            "the same.",
            Remedy("Nothing is to be done; or take it out", (_without(looked),)),
            evidence=evidence,
        )
    return ok(f"Go {own} suits {found.file}.", evidence)


def _asked(looked: Looked) -> Iterator[tuple[str, str]]:
    """The files with a go line, and what it says; the one that decides comes first."""
    found = looked.force
    if found.go_line:
        yield str(found.file), found.go_line
    for one in found.modules:
        if one.content.get("Go"):
            yield str(one.file), str(one.content["Go"])


def _evidence(looked: Looked) -> Iterator[str]:
    for file, line in dict.fromkeys(_asked(looked)):
        yield f"{file}: go {line}"
    if looked.force.toolchain_line:
        yield f"{looked.force.file}: toolchain {looked.force.toolchain_line}"
    yield f"the environment's Go: {looked.version}"
    switching = looked.said.get("GOTOOLCHAIN")
    if switching is not None:
        yield from switching.lines()


def _newer(asked: str, looked: Looked) -> Remedy:
    prefix = looked.context.target.prefix
    if prefix is None:
        return Remedy("Use a newer Go, or lower the `go` line.")
    command = shlex.join(["conda", "install", "-p", str(prefix), f"go>={asked}"])
    return Remedy("Install a newer Go in the environment, or lower the `go` line", (command,))


def _local(looked: Looked, switching: Said) -> Remedy:
    """What Go's own file says, `go env -w` overrules; all else has to be taken back first."""
    if switching.origin.layer is not Layer.GO_FILES:
        return switching.taken_back(looked.context)
    return Remedy("Stay with the environment's Go", (looked.setting("GOTOOLCHAIN", "local"),))


def _without(looked: Looked) -> str:
    work = looked.force.gowork
    if work is not None:
        return looked.command("work", "edit", "-toolchain=none", folder=work.parent)
    return looked.command("mod", "edit", "-toolchain=none")
