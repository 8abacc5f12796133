"""Is there a Go, is it whole, is it one that we know, is it the one that was installed?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from go_kernel import toolchain_findings
from go_kernel.conda.records import go_sample
from go_kernel.engines import build, catalogue
from go_kernel.files import is_folder, is_forbidden
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.health.check import Check, error, info, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.static.looks import each_kernel, install_again, of_variables, with_fix
from go_kernel.integrity import tampered

# The newest Go that engines are built and tested with.  Go supports its two newest.
# ref: https://go.dev/doc/devel/release#policy
NEWEST = (1, 27)
_SUPPORTED = (NEWEST[0], NEWEST[1] - 1)
_PREVIEW = re.compile(r"[0-9.]+(?:rc|beta)[0-9]")


def _exists(context: Context) -> Finding:
    place = context.target.place
    what = "conda environment" if context.target.prefix else "Go installation"
    if is_folder(place):
        return ok(f"The {what} {place} is there.")
    if is_forbidden(place):
        return toolchain_findings.unreadable(place)
    return error(
        f"The {what} {place} does not exist any more.",
        Remedy("Make it again, or remove the kernels that were installed for it."),
        fix="kernelspec.remove",
    )


EXISTS = Check(
    "environment.exists",
    "The environment is there",
    _exists,
    broken_by="The environment was removed or renamed, or its disk is not mounted.",
    mended_by="Make it again, or remove its kernels.",
    needs=(),
    fixes=("kernelspec.remove",),
)


def _present(context: Context) -> Finding:
    go = context.toolchain
    return ok(f"Go {go.version} is in {go.goroot}.", str(go.go))


PRESENT = Check(
    "toolchain.present",
    "There is a Go that can be used",
    _present,
    broken_by="`go` is missing, a broken link, not executable, or without compiler or GOROOT.",
    mended_by="Install Go again: `conda install --force-reinstall go`.",
    needs=("environment.exists",),
)


def _whole(context: Context) -> Finding:
    prefix = context.target.prefix
    if prefix is None:
        return skipped("Outside of conda nobody keeps a record of Go's files.")
    sample = go_sample(prefix, context.around.cache)
    if not sample:
        return skipped(f"conda has no record of the Go in {prefix}.")
    go = context.toolchain
    bad = [*_differing(prefix, sample)]
    if bad and all(map(is_forbidden, bad)):
        raise toolchain_findings.in_environment(toolchain_findings.unreadable(bad[0]), prefix)
    if bad:
        found = toolchain_findings.not_whole(go.goroot, bad, len(sample))
        raise toolchain_findings.in_environment(found, prefix)
    return ok(
        f"Of the files of Go {go.version} in {prefix} the {len(sample)} looked at are there and "
        "of the right size; --deep looks at all."
    )


def _differing(prefix: Path, sizes: Mapping[str, int]) -> Iterator[Path]:
    for path, size in sizes.items():
        try:
            good = os.stat(f"{prefix}/{path}").st_size == size  # noqa: PTH116 (some hundreds)
        except (OSError, ValueError):  # a path that can't be one
            good = False
        if not good:
            yield prefix / path


WHOLE = Check(
    "toolchain.whole",
    "Go's files are all there",
    _whole,
    broken_by="An installation was cut off, or files of Go were removed or changed.",
    mended_by="Install Go again: `conda install --force-reinstall go`.",
)


def _version(context: Context) -> Finding:
    go = context.toolchain
    for name in {kernel.engine for kernel in context.subject.kernels} or {""}:
        if name in catalogue.names() or not name:
            build.check_supported(catalogue.get(name or catalogue.names()[0]), go)
    newest = ".".join(map(str, NEWEST))
    if _PREVIEW.match(go.version):
        return warn(
            f"Go {go.version} is a preview: engines are not tested with it.",
            Remedy(f"Install a released Go; {newest} is the newest that is tested."),
        )
    if go.release > NEWEST:
        return warn(
            f"Go {go.version} is newer than {newest}, the newest that engines are tested with.",
            Remedy("Upgrade jupyter-gokernel, or install an older Go if kernels don't build."),
        )
    if go.release < _SUPPORTED:
        return info(
            f"Go {go.version} works, but gets no security fixes any more.",
            Remedy(f"Upgrade it to {newest} when you can."),
        )
    return ok(f"Go {go.version} is supported.")


VERSION = Check(
    "toolchain.version",
    "Its version is supported",
    _version,
    broken_by="A Go that is too old for the engine, newer than tested, or a preview.",
    mended_by="Install another version of Go, or upgrade jupyter-gokernel.",
)


def _pinned(context: Context) -> Iterator[Finding]:
    """Outside of conda each kernel has a pin of its own."""
    kernels = each_kernel(context) if context.target.prefix is None else []
    for own, kernel in kernels:
        found = replace(_hash(own), kernel=kernel.name)
        if found.status is Status.ERROR:
            text = "If you replaced it yourself, install the kernel again"
            found = replace(found, remedy=install_again(kernel, text))
        yield found
    if not kernels:
        yield _hash(context)


@of_variables
def _hash(context: Context) -> Finding:
    go, found = context.resolved.environment.toolchain, context.resolved.go_hash
    if not found.expected:
        return skipped(f"Nobody recorded which file {go.go} should be.")
    if found.matches:
        return ok(f"{go.go} is the file that {found.source} names.", found.actual)
    finding = tampered(go, found)
    return finding if found.source.startswith("conda-meta") else with_fix(finding, "hash.repin")


HASH = Check(
    "toolchain.hash",
    "`go` is the file that was installed",
    _pinned,
    broken_by="Somebody replaced `go`, or upgraded a Go outside of conda.",
    mended_by="In conda reinstall `go`; outside, accept the new `go` if you know where it is from.",
    seconds=20.0,
    fixes=("hash.repin",),
)
