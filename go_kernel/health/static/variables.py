"""Do the variables that people and packages set agree with what kernels use?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from go_kernel import toolchain_findings
from go_kernel.environment import Layer, Overridden
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.health.check import Answer, Check, info, ok, warn
from go_kernel.health.context import Context
from go_kernel.health.static.looks import each_kernel, noticed, of_variables, with_fix
from go_kernel.health.static.origins import beneath, file_of
from go_kernel.variables import masked


@of_variables
def _goroot(context: Context) -> Answer:
    own = context.resolved.environment.toolchain.goroot
    strange = [
        old
        for old in beneath(context, "GOROOT")
        if os.path.realpath(old.value) != os.path.realpath(own)
    ]
    if not strange:
        return ok(f"GOROOT is {own}, and nothing sets another one.")
    return [_strange_goroot(context, old) for old in strange]


def _strange_goroot(context: Context, old: Overridden) -> Finding:
    own = context.resolved.environment.toolchain.goroot
    if old.origin.layer is Layer.PARENT:
        return info(
            f"GOROOT={old.value} is set where kernels are started from; they use {own}.",
            Remedy("Unset it: Go finds its own, and in terminals it would use the wrong one."),
            evidence=old.value,
        )
    file = file_of(context, old.origin)
    found = toolchain_findings.moved(own, old.value, str(old.origin))
    found = replace(found, evidence=f"{file}: GOROOT={old.value}" if file else old.value)
    return with_fix(found, "goroot.repair")


GOROOT = Check(
    "toolchain.goroot",
    "GOROOT is this Go's",
    _goroot,
    broken_by="The environment was copied or moved, or somebody set GOROOT for another Go.",
    mended_by="Correct or remove the GOROOT in the file that is named, or unset it.",
    fixes=("goroot.repair",),
)


@of_variables
def _switching(context: Context) -> Finding:
    version = context.resolved.environment.toolchain.version
    said = beneath(context, "GOTOOLCHAIN")
    value, origin = (said[-1].value, str(said[-1].origin)) if said else ("local", "")
    first, _, rest = value.partition("+")
    if value in ("local", f"go{version}"):
        return ok(f"Terminals and kernels both run Go {version}.", evidence=origin)
    if value in ("auto", "path") or (rest and first in ("local", f"go{version}")):
        return info(
            f"In terminals this Go may hand over to another one, where a go.mod asks for it "
            f"(GOTOOLCHAIN={value}); kernels always run Go {version}.",
            Remedy("If both shall be the same", ("go env -w GOTOOLCHAIN=local",)),
            evidence=origin,
        )
    return warn(
        f"In terminals `go` runs another Go (GOTOOLCHAIN={value}); kernels run Go {version}.",
        Remedy("Take that setting back, or install the Go that you want into the environment."),
        evidence=origin,
    )


SWITCHING = Check(
    "toolchain.switching",
    "Terminals run the same Go as kernels",
    _switching,
    broken_by="GOTOOLCHAIN names another Go, or lets Go choose one.",
    mended_by="Set GOTOOLCHAIN=local, or install the wanted Go into the environment.",
)


def _goflags(context: Context) -> Iterator[Finding]:
    """Each kernel may have flags of its own."""
    kernels = each_kernel(context)
    for own in [each for each, _ in kernels] or [context]:
        yield _flags_of(own, len(kernels) > 1)


@of_variables
def _flags_of(context: Context, several: bool) -> Finding:
    kernel = context.subject.kernels[0].name if several else ""
    said = beneath(context, "GOFLAGS")
    dropped = noticed(context, "goflags.dropped")
    if dropped and said and not _by_a_package(said[-1]):
        return replace(_dropped(dropped[0], said[-1]), kernel=kernel)
    if said and said[-1].origin.layer < Layer.ACTIVATION:
        return _not_taken(context, said[-1], kernel)
    in_force = context.resolved.environment.get("GOFLAGS")
    seen = dropped[0].summary if dropped else ""
    return ok(f"Kernels use GOFLAGS={in_force}, as their engine does.", seen, kernel=kernel)


def _by_a_package(old: Overridden) -> bool:
    """conda-forge's own flags: nobody chose them, and nobody can change them."""
    return old.origin.layer is Layer.ACTIVATION and old.origin.detail != "conda-meta/state"


def _dropped(found: Finding, old: Overridden) -> Finding:
    if old.origin.layer <= Layer.ACTIVATION:
        return found
    # Somebody set the flag for this very kernel, and doesn't get it.
    remedy = Remedy(f"Take it out of GOFLAGS ({old.origin}).")
    return replace(found, status=Status.WARN, remedy=remedy)


def _not_taken(context: Context, old: Overridden, kernel: str) -> Finding:
    in_force = context.resolved.environment.get("GOFLAGS")
    return info(
        f"GOFLAGS={masked('GOFLAGS', old.value)} ({old.origin}) is not used in kernels; they use "
        f"{in_force}.",
        Remedy(
            "If a kernel shall have such flags, say so",
            ("jupyter gokernel install --replace --set GOFLAGS=...",),
        ),
        kernel=kernel,
    )


GOFLAGS = Check(
    "goflags.agree",
    "GOFLAGS agrees with the engine",
    _goflags,
    broken_by="A flag (-race, -mod=vendor …) with which packages don't load into the kernel.",
    mended_by="Nothing is to be done, or take the flag out of the kernel's settings.",
)
