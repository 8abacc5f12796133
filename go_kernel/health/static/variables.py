"""Do the variables that people and packages set agree with what kernels use?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from go_kernel import toolchain_findings
from go_kernel.environment import Layer, Overridden
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.health.check import Answer, Check, info, ok, warn
from go_kernel.health.context import Context
from go_kernel.health.static.looks import each_kernel, noticed, of_variables, with_fix
from go_kernel.health.static.origins import beneath, file_of


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
    in_force = context.resolved.environment.get("GOFLAGS")
    if not dropped or not said:
        return ok(f"Kernels use GOFLAGS={in_force}, as their engine does.", kernel=kernel)
    found = replace(dropped[0], kernel=kernel)
    layer = said[-1].origin.layer
    if layer is Layer.ACTIVATION:  # conda-forge's own, that nobody chose and nobody can change
        return ok(f"Kernels use GOFLAGS={in_force}, as their engine does.", found.summary)
    return _asked_for(found, said) if layer > Layer.ACTIVATION else found


def _asked_for(found: Finding, said: Sequence[Overridden]) -> Finding:
    """Somebody set the flag for this very kernel, and doesn't get it."""
    remedy = Remedy(f"Take it out of GOFLAGS ({said[-1].origin}).")
    return replace(found, status=Status.WARN, remedy=remedy)


GOFLAGS = Check(
    "goflags.agree",
    "GOFLAGS agrees with the engine",
    _goflags,
    broken_by="A flag (-race, -mod=vendor …) with which packages don't load into the kernel.",
    mended_by="Nothing is to be done, or take the flag out of the kernel's settings.",
)
