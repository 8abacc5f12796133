"""Is each kernel's engine built, by this very Go, and still what was built?"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from go_kernel import kernel_state
from go_kernel.digests import remembered_sha256
from go_kernel.engines import build, catalogue
from go_kernel.engines.errors import StoreUntrusted
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Check, error, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.static.looks import of_each_kernel, of_variables
from go_kernel.installed import Kernel

# A `go` that is not the installed one builds nothing.
_NEEDS = ("toolchain.present", "toolchain.hash")


def _built(context: Context) -> Iterator[Finding]:
    return of_each_kernel(context, _is_built)


@of_variables
def _is_built(context: Context, kernel: Kernel) -> Finding:
    engine, found, stores = catalogue.get(kernel.engine), context.resolved, context.around.stores
    go = found.environment.toolchain
    build.check_supported(engine, go)
    try:
        made = kernel_state.build_of(engine, found, stores)
    except StoreUntrusted:
        return skipped("It is built and not used; engine.intact says why.")
    if made is None:
        return _not_built(context, kernel, kernel_state.not_built(engine, found, stores))
    if made.manifest.go_sha256 != found.go_hash.actual:
        return warn(
            f"{engine.display_name} in {made.folder} was built by another `go` than {go.go}: "
            "imports may not load.",
            _build_it(kernel, "Build it again"),
            evidence=f"its manifest names {made.manifest.go_sha256}",
            fix="engine.rebuild",
        )
    return ok(f"{engine.display_name} is built by this Go {go.version}.", str(made.folder))


def _not_built(context: Context, kernel: Kernel, sentence: str) -> Finding:
    own = kernel.config.build_at_launch if kernel.config else None
    may_build = context.around.limits.build_at_launch if own is None else own
    if may_build:
        remedy = _build_it(kernel, "The next launch builds it, which takes a minute; now:")
        return warn(f"{sentence}.", remedy, fix="engine.rebuild")
    remedy = _build_it(kernel, "Launches may not build it here; build it with")
    return error(f"{sentence}.", remedy, fix="engine.rebuild")


def _build_it(kernel: Kernel, text: str) -> Remedy:
    return Remedy(text, (f"jupyter gokernel engine build --kernel {kernel.name}",))


BUILT = Check(
    "engine.built",
    "Each kernel's engine is built by this Go",
    _built,
    broken_by="Go was upgraded, or a kernel was installed without building its engine.",
    mended_by="Start the kernel, or `jupyter gokernel engine build`.",
    needs=_NEEDS,
    fixes=("engine.rebuild",),
)


def _intact(context: Context) -> Iterator[Finding]:
    return of_each_kernel(context, _is_intact)


@of_variables
def _is_intact(context: Context, kernel: Kernel) -> Finding:
    engine, around = catalogue.get(kernel.engine), context.around
    made = kernel_state.build_of(engine, context.resolved, around.stores)
    if made is None:
        changed = kernel_state.changed_since(engine, context.resolved, around.stores)
        return skipped(
            "It was changed since it was built; engine.built says more."
            if changed
            else "It is not built yet."
        )
    if made.intact(functools.partial(remembered_sha256, cache=around.cache)):
        return ok(f"{engine.display_name} is what was built.", str(made.folder))
    return error(
        f"{engine.display_name} in {made.folder} is not what was built: the SHA-256 of a program "
        "differs from its manifest.",
        _build_it(kernel, "Build it again; and if you did not change it, find out who did:"),
        evidence="\n".join(map(str, made.programs)),
        fix="engine.rebuild",
    )


INTACT = Check(
    "engine.intact",
    "Engines are what was built",
    _intact,
    broken_by="Somebody changed a built engine, or others may write it.",
    mended_by="Build it again, or take others' right to write away.",
    seconds=20.0,
    needs=_NEEDS,
    fixes=("engine.rebuild",),
)
