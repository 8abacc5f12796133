"""What shows when the variables of a kernel are put together."""

from __future__ import annotations

from go_kernel.conda.scripts import scripts_of
from go_kernel.health.check import Answer, Check, info, ok, skipped, unknown
from go_kernel.health.context import Context
from go_kernel.health.static.looks import noticed, of_variables


@of_variables
def _hijack(context: Context) -> Answer:
    go = context.resolved.environment.toolchain.go
    return noticed(context, "path.planted-go") or ok(f"No other `go` comes before {go} on PATH.")


HIJACK = Check(
    "path.hijack",
    "No other `go` comes first on PATH",
    _hijack,
    broken_by="A folder with a `go` of its own stands before the environment's on PATH.",
    mended_by="Remove that `go`, or move its folder behind the environment's.",
)


@of_variables
def _platform(context: Context) -> Answer:
    go = context.resolved.environment.toolchain
    return noticed(context, "platform.mismatch") or ok(
        f"Go builds for {go.goos}/{go.goarch}, what the environment's packages are made for."
    )


PLATFORM = Check(
    "platform.matches",
    "Go builds for the environment's platform",
    _platform,
    broken_by="GOOS or GOARCH is set, or packages of another platform were installed.",
    mended_by="Unset GOOS and GOARCH, or install Go for the environment's platform.",
)


@of_variables
def _activation(context: Context) -> Answer:
    prefix = context.target.prefix
    if prefix is None:
        return skipped("Outside of conda there is nothing to activate.")
    if new := noticed(context, "activation.not-run"):
        # How they run isn't known, but a new environment is no reason to worry.
        said = f"{new[0].summary.removesuffix('.')}: the first kernel runs them."
        return info(said, new[0].remedy)
    found = noticed(context, "activation.")
    if found:
        return found
    count = len(scripts_of(prefix))
    if not count:
        return ok(f"{prefix} has no activation scripts.")
    return ok(f"The activation scripts of {prefix} ran without complaint.", f"scripts: {count}")


ACTIVATION = Check(
    "activation.last",
    "Its activation scripts ran well",
    _activation,
    broken_by="A script failed, hung, or could be changed by others.",
    mended_by="Reinstall the package that brought the script, or take others' right to write away.",
)


@of_variables
def _compiler(context: Context) -> Answer:
    environment = context.resolved.environment
    found = noticed(context, "cgo.")
    scripts = noticed(context, "activation.not-run")
    if scripts and any(one.id == "cgo.no-compiler" for one in found):
        return unknown(
            f"Whether there is a C compiler depends on the activation scripts of "
            f"{environment.prefix}, which have not been run yet.",
            scripts[0].remedy,
        )
    return found or ok(f"The C compiler is {environment.get('CC')}.")


COMPILER = Check(
    "compiler.present",
    "There is a C compiler for imports",
    _compiler,
    broken_by="No gcc or clang is on PATH, or cgo is switched off.",
    mended_by="Install gcc or clang, or `conda install c-compiler`; or set CGO_ENABLED=1.",
)
