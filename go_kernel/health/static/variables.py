"""Do the variables that people and packages set agree with what kernels use?"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import replace

from go_kernel import taking_back, toolchain_findings
from go_kernel.environment import Layer, Origin, Overridden
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.health.check import Answer, Check, info, ok, warn
from go_kernel.health.context import Context
from go_kernel.health.static.looks import each_kernel, noticed, of_variables, with_fix
from go_kernel.health.static.origins import beneath, file_of, script_naming
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
    script = script_naming(file, "GOROOT") if file else None
    by = str(old.origin) if script == file else f"{old.origin.layer.spoken}: {script}"
    file = script
    found = toolchain_findings.moved(own, old.value, by)
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
    go = context.resolved.environment.toolchain
    version = go.version
    said = beneath(context, "GOTOOLCHAIN")
    value, origin = (said[-1].value, str(said[-1].origin)) if said else ("local", "")
    first, _, rest = value.partition("+")
    if value in ("local", f"go{version}"):
        return ok(f"Terminals and kernels both run Go {version}.", evidence=origin)
    if value in ("auto", "path") or (rest and first in ("local", f"go{version}")):
        return info(
            f"In terminals this Go may hand over to another one, where a go.mod asks for it "
            f"(GOTOOLCHAIN={value}); kernels always run Go {version}.",
            _to_local(context, said[-1].origin),
            evidence=origin,
        )
    return warn(
        f"In terminals `go` runs another Go (GOTOOLCHAIN={value}, set by "
        f"{taking_back.spoken(said[-1].origin)}); kernels run Go {version}.",
        taking_back.remedy(["GOTOOLCHAIN"], said[-1].origin, go),
        evidence=_evidence(context, said[-1]),
    )


def _to_local(context: Context, origin: Origin) -> Remedy:
    """What Go's own files say `go env -w` overrules; all else has to be taken back first."""
    go = context.resolved.environment.toolchain
    if origin.layer is not Layer.GO_FILES:
        return taking_back.remedy(["GOTOOLCHAIN"], origin, go)
    command = shlex.join([str(go.go), "env", "-w", "GOTOOLCHAIN=local"])
    return Remedy("If both shall be the same", (command,))


def _evidence(context: Context, old: Overridden) -> str:
    return str(file_of(context, old.origin) or old.origin)


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
    in_force = context.resolved.environment.get("GOFLAGS")
    # The same flags are most likely our own: a terminal of ours sets what kernels get.
    if said and said[-1].origin.layer < Layer.ACTIVATION and said[-1].value != in_force:
        return _not_taken(context, said[-1], kernel)
    seen = dropped[0].summary if dropped else ""
    shown = masked("GOFLAGS", in_force or "")
    return ok(f"Kernels use GOFLAGS={shown}, as their engine does.", seen, kernel=kernel)


def _by_a_package(old: Overridden) -> bool:
    """conda-forge's own flags: nobody chose them, and nobody can change them."""
    return old.origin.layer is Layer.ACTIVATION and old.origin.detail != "conda-meta/state"


def _dropped(found: Finding, old: Overridden) -> Finding:
    if old.origin.layer <= Layer.ACTIVATION:
        return found
    # Somebody set the flag for this very kernel, and doesn't get it.
    remedy = Remedy(f"Take it out of GOFLAGS ({old.origin}).")
    if old.origin.layer is Layer.SITE:
        remedy = taking_back.by_asking(Remedy("Take it out."), "GOFLAGS", old.origin)
    return replace(found, status=Status.WARN, remedy=remedy)


def _not_taken(context: Context, old: Overridden, kernel: str) -> Finding:
    in_force = context.resolved.environment.get("GOFLAGS")
    return info(
        f"GOFLAGS={masked('GOFLAGS', old.value)}, set by {taking_back.spoken(old.origin)}, is not "
        f"used in kernels; they use {masked('GOFLAGS', in_force or '')}.",
        Remedy("Nothing is to be done; outside of kernels the flags stay in force."),
        kernel=kernel,
    )


GOFLAGS = Check(
    "goflags.agree",
    "GOFLAGS agrees with the engine",
    _goflags,
    broken_by="A flag (-race, -mod=vendor …) with which packages don't load into the kernel.",
    mended_by="Nothing is to be done, or take the flag out of the kernel's settings.",
)
