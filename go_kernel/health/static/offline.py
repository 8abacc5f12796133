"""Bundles: may they be believed, are they whole, do they fit here, what did the dead leave."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from shlex import quote

from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import About, Answer, Check, info, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.offline import fitting, sizes, staging
from go_kernel.offline.store import Bundle, BundleStores, Found, bundles

_NONE = "There are no bundles."
_NAMED = 20


def found(context: Context) -> Found:
    """The bundles that kernels use, and why others are passed over."""
    return bundles(BundleStores.from_environment(context.env))


def use_again(bundle: Bundle) -> Remedy:
    """How a bundle that isn't whole becomes so."""
    site = " --site --sha256 HASH" if bundle.site else ""
    command = f"jupyter gokernel bundle use{site} FILE"
    return Remedy("Use it again from the file that it came in", (command,))


def _trusted(context: Context) -> Answer:
    seen = found(context)
    told = [one for one in seen.findings if one.id != "offline.broken"]
    if told or not seen.bundles:
        return told or skipped(_NONE)
    names = ", ".join(bundle.title for bundle in seen.bundles)
    return ok("Kernels use bundles that nobody else can write.", names)


TRUSTED = Check(
    "offline.trusted",
    "Nobody else may write bundles",
    _trusted,
    broken_by="A store of bundles, or a bundle, is writable by others, or somebody else's.",
    mended_by="Take others' right to write away (`chmod -R go-w`).",
    about=About.MACHINE,
    needs=(),
)


def _whole(context: Context) -> Answer:
    seen = found(context)
    told = [one for one in seen.findings if one.id == "offline.broken"]
    told += [one for bundle in seen.bundles for one in _not_whole(bundle)]
    if told or not seen.bundles:
        return told or skipped(_NONE)
    return ok("All files of the bundles are there, and as large as they should be.")


def _not_whole(bundle: Bundle) -> Iterator[Finding]:
    wrong = list(islice(sizes.wrong(bundle.folder), _NAMED))
    if wrong:
        yield warn(
            f"The bundle {bundle.title} in {bundle.folder} is not whole: what kernels take from it "
            "may be missing or damaged.",
            use_again(bundle),
            evidence="\n".join(wrong),
        )


WHOLE = Check(
    "offline.whole",
    "Bundles have all their files",
    _whole,
    broken_by="Somebody changed or removed a file in a store of bundles; a disk lost one.",
    mended_by="`jupyter gokernel bundle use` of the same file.",
    about=About.MACHINE,
    needs=(),
)


def _leftovers(context: Context) -> Answer:
    left = [path for store in stores_with_remains(context) for path in staging.leftovers(store)]
    if not left:
        return ok("Nothing half-made is left in the stores of bundles.")
    told = quote(str(left[0].parent))
    return info(
        f"Somebody was stopped while a bundle was unpacked in {told}: what is left takes room.",
        Remedy("Remove it; the next `bundle use` would, too."),
        evidence="\n".join(map(str, left[:_NAMED])),
        fix="bundles.sweep",
    )


def stores_with_remains(context: Context) -> Iterator[Path]:
    """The stores in which somebody dead left something, as far as we may look."""
    for store, _ in BundleStores.from_environment(context.env).all:
        try:
            if staging.leftovers(store):
                yield store
        except OSError:
            continue  # offline.trusted says it


LEFTOVERS = Check(
    "offline.leftovers",
    "Nothing half-unpacked is left of bundles",
    _leftovers,
    broken_by="A `bundle use` or `bundle remove` was killed.",
    mended_by="The fix, or the next `bundle use`.",
    about=About.MACHINE,
    needs=(),
    fixes=("bundles.sweep",),
)


def _engines(context: Context) -> Answer:
    seen = found(context).bundles
    if not any(bundle.summary.engines for bundle in seen):
        return skipped("There is no bundle with the modules of an engine.")
    known = {name for bundle in seen for name in fitting.engines_that_fit(bundle)}
    # The old one beside a new one harms nobody.
    told = [
        fitting.of_another_version(bundle, name)
        for bundle in seen
        for name, _ in bundle.summary.engines
        if name not in known
    ]
    return told or ok("The engines in bundles are those that are built here.", ", ".join(known))


ENGINES = Check(
    fitting.ENGINES,
    "Bundles are for the engines that are built here",
    _engines,
    broken_by="jupyter-gokernel was upgraded, or is older than where the bundle was made.",
    mended_by="Make the bundle anew, with the version that is installed here.",
    about=About.MACHINE,
    needs=(),
)


def _toolchains(context: Context) -> Answer:
    seen = [bundle for bundle in found(context).bundles if bundle.toolchains]
    if not seen:
        return skipped("There is no bundle with a Go.")
    told = [one for bundle in seen for one in fitting.other_platforms(bundle)]
    if len(told) == len(seen):
        return told
    return ok("There is a Go for this machine in the bundles.")


TOOLCHAIN = Check(
    fitting.TOOLCHAIN,
    "The Go in bundles runs on this machine",
    _toolchains,
    broken_by="The bundle was made for another system or processor.",
    mended_by="Make it anew with --platform, or use another Go.",
    about=About.MACHINE,
    needs=(),
)

CHECKS = (TRUSTED, WHOLE, LEFTOVERS, ENGINES, TOOLCHAIN)
