"""Can a notebook import what isn't Go's own, with and without a network?"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from go_kernel.files import exists
from go_kernel.findings import Finding, GoKernelError, Remedy
from go_kernel.goerrors import Cause, explain
from go_kernel.health.check import Check, Kind, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.live import bundled, kernels
from go_kernel.health.live.engine import each
from go_kernel.health.live.trial import NEEDS, SAMPLE, SAMPLE_VERSION

# The first import on a machine compiles the standard library for plugins, and an engine
# may have to be built before.
_SECONDS = 720.0
_TO_FINISH = 10.0
_FOR_ONE = 120.0
_NIL = "00000000-0000-0000-0000-000000000000"

# Nothing listens on port 9 of this machine; what is asked for goes nowhere.
_NOWHERE = "http://127.0.0.1:9"
_NO_WAY_OUT: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), _NOWHERE),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost"),
    }
)
_OFFLINE: Mapping[str, str] = MappingProxyType({"GOPROXY": "off", **_NO_WAY_OUT})
_ANSWER = "gokernel: 42"


@dataclass(frozen=True)
class _Trial:
    """A package to import, its module as in go.mod, and what a cell with it gives back.

    The version stands in the kernel's go.mod, which GoNB does not read.
    """

    package: str
    requires: str
    code: str
    answer: str

    @property
    def at(self) -> str:
        """The module as `go get` wants it."""
        return self.requires.replace(" ", "@")

    def cells(self, engine: str) -> tuple[str, ...]:
        """The cells for an engine; the last one gives the answer."""
        name = "" if self.package == SAMPLE else "_ "
        line = f'import {name}"{self.package}"'
        if engine == "gonb":
            return f"!*go get {self.at}", f"{line}\n%%\nfmt.Println({self.code})"
        return line, self.code


_USUAL = _Trial(SAMPLE, f"{SAMPLE} {SAMPLE_VERSION}", "uuid.Nil.String()", _NIL)
_ENGINES = ("gophernotes", "gonb")


def third_party(context: Context) -> Iterable[Finding]:
    """Import a small module in a kernel of each engine; an offline one has a bundle's."""
    deadline = time.monotonic() + _SECONDS - _TO_FINISH
    for name, one in _by_engine(context):
        if no_cgo := _no_cgo(one, name):
            yield no_cgo
        elif one.activated.applied.offline:
            yield _of_a_bundle(one, name, deadline)
        else:
            yield _tried(one, name, deadline)


def _tried(context: Context, name: str, deadline: float) -> Finding:
    try:
        kept = _kept(context)
        took = _imported(context, _USUAL, {}, deadline)
    except GoKernelError as failure:
        return _failed(context, failure, name, SAMPLE)
    source = ", out of what is kept of an earlier import" if kept else ""
    return ok(f"{SAMPLE} is imported in {took:.1f} s{source}.", kernel=name)


def _of_a_bundle(context: Context, name: str, deadline: float) -> Finding:
    """The import of a kernel that fetches nothing: nothing is asked for outside of bundles."""
    found = bundled.sample(context.activated.applied.bundles)
    if found is None:
        sentence = "This kernel fetches nothing (offline), and no bundle has a package to try."
        return skipped(sentence, kernel=name)
    one = _Trial(found.package, f"{found.module} {found.version}", f'"{_ANSWER}"', _ANSWER)
    try:
        took = _imported(context, one, _NO_WAY_OUT, deadline)
    except GoKernelError as failure:
        return _failed(context, failure, name, f"{found.at} of the bundle {found.bundle}")
    return ok(
        f"{found.at} of the bundle {found.bundle} is imported in {took:.1f} s, without a network "
        "(offline).",
        kernel=name,
    )


def offline(context: Context) -> Iterable[Finding]:
    """The same in a new kernel that can't reach anything."""
    deadline = time.monotonic() + _SECONDS - _TO_FINISH
    for name, one in _by_engine(context):
        if no_cgo := _no_cgo(one, name):
            yield no_cgo
        elif one.activated.applied.offline:
            yield skipped(
                "This kernel fetches nothing (offline): import.third-party says what it imports.",
                kernel=name,
            )
        elif not _kept(one):
            yield skipped(
                f"{SAMPLE} is not in the module cache (import.third-party says why), so nothing "
                "can be imported without a network.",
                kernel=name,
            )
        else:
            yield _tried_offline(one, name, deadline)


def _tried_offline(context: Context, name: str, deadline: float) -> Finding:
    try:
        took = _imported(context, _USUAL, _OFFLINE, deadline)
    except GoKernelError as failure:
        reason = _reason(context, failure)
        return warn(
            f"What was imported before can't be imported without a network: {reason}.",
            Remedy("See that GOMODCACHE is a folder that stays."),
            evidence=failure.evidence,
            kernel=name,
        )
    return ok(f"Without a network {SAMPLE} is imported in {took:.1f} s.", kernel=name)


def _by_engine(context: Context) -> Iterator[tuple[str, Context]]:
    """A kernel of each engine, and another where some fetch nothing and some do."""
    seen = set()
    for name, one in each(context):
        kind = (one.config.engine, one.config.offline)
        if one.config.engine in _ENGINES and kind not in seen:
            seen.add(kind)
            yield name, one


def _no_cgo(context: Context, name: str) -> Finding | None:
    if context.config.engine == "gonb" or context.activated.environment.cgo:
        return None
    sentence = "Without cgo nothing can be imported but Go's own packages (compiler.present)."
    return skipped(sentence, kernel=name)


def _imported(
    context: Context, one: _Trial, overrides: Mapping[str, str], deadline: float
) -> float:
    """How many seconds it took; raises GoKernelError."""
    kernels.build_engine(context, deadline - _FOR_ONE)
    context.progress(f"importing {one.at}" + (" without a network" if overrides else ""))
    limit = min(deadline, time.monotonic() + _FOR_ONE)
    with kernels.started(context, limit, overrides, one.requires) as kernel:
        began = time.monotonic()
        said = [kernel.run(cell) for cell in one.cells(context.config.engine)]
        took = time.monotonic() - began
    if one.answer not in said[-1]:
        raise kernels.CellFailed(f"its answer is not {one.answer}\n{said[-1]}")
    return took


def _failed(context: Context, failure: GoKernelError, name: str, what: str) -> Finding:
    cause = _cause(context, failure)
    remedy = cause.remedy if cause and cause.remedy else failure.remedy
    return warn(
        f"{what} can't be imported: {_reason(context, failure)}.",
        remedy or Remedy("The evidence is what the kernel said."),
        evidence=failure.evidence,
        kernel=name,
    )


def _cause(context: Context, failure: GoKernelError) -> Cause | None:
    """What a cell's error means, None where that isn't known."""
    if not isinstance(failure, kernels.CellFailed):
        return None
    found = context.activated
    cause = explain(failure.evidence, {**found.environment.as_dict(), **found.applied.variables})
    return cause if cause.kind != "unknown" else None


def _reason(context: Context, failure: GoKernelError) -> str:
    if cause := _cause(context, failure):
        return cause.reason
    reason = failure.summary.rstrip(".")
    return reason[0].lower() + reason[1:]


def _kept(context: Context) -> bool:
    modcache = context.activated.environment.get("GOMODCACHE")
    downloads = Path(modcache, "cache", "download", SAMPLE, "@v")
    return exists(downloads / f"{SAMPLE_VERSION}.zip")


_MENDED = "What proxy.reachable, sumdb.reachable and cgo.loads say."

THIRD_PARTY = Check(
    id="import.third-party",
    title="Notebooks import third-party packages",
    run=third_party,
    broken_by="No way to the module proxy, no C compiler, caches that can't be written.",
    mended_by=_MENDED,
    kind=Kind.LIVE,
    seconds=_SECONDS,
    needs=(*NEEDS, "kernel.answers"),
)

OFFLINE = Check(
    id="import.offline",
    title="Notebooks import without a network what they imported before",
    run=offline,
    broken_by="A module cache that is emptied, or a go.mod that asks for what was never fetched.",
    mended_by="A GOMODCACHE that stays.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
    needs=(*NEEDS, "kernel.answers"),
)
