"""Does a bundle fit this machine and this version of ours?"""

from __future__ import annotations

from collections.abc import Iterator

from go_kernel import platforms
from go_kernel._version import __version__
from go_kernel.engines import catalogue
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.offline.store import Bundle
from go_kernel.offline.wanted import pins_of

ENGINES = "offline.engines"
TOOLCHAIN = "offline.toolchain"


def misfits(bundle: Bundle) -> list[Finding]:
    """What of a bundle is of no use here, as warnings."""
    return [*other_engines(bundle), *other_platforms(bundle)]


def other_engines(bundle: Bundle) -> Iterator[Finding]:
    """Engines in it that are other versions than those that we would build."""
    for name, _ in bundle.summary.engines:
        if name not in engines_that_fit(bundle):
            yield of_another_version(bundle, name)


def engines_that_fit(bundle: Bundle) -> set[str]:
    """The engines in it of which we would build this very version."""
    return {
        name
        for name, pinned in bundle.summary.engines
        if name in catalogue.names() and pinned == pins_of(catalogue.get(name))
    }


def of_another_version(bundle: Bundle, name: str) -> Finding:
    """That the engine of this name in it is none of those."""
    why = f"jupyter-gokernel {__version__} builds another version of it"
    if name not in catalogue.names():
        why = f"jupyter-gokernel {__version__} knows no such engine"
    return Finding(
        ENGINES,
        Status.WARN,
        f"The modules for building {name} in the bundle {bundle.title}, made by "
        f"{bundle.summary.made_by}, are of no use here: {why}.",
        remedy=Remedy(
            f"Make the bundle anew with jupyter-gokernel {__version__}, where there is a "
            "network, or install here the version that made it."
        ),
    )


def other_platforms(bundle: Bundle) -> Iterator[Finding]:
    """That it holds Gos, and none for this machine."""
    here = platforms.host()
    own = f"{here.goos}-{here.goarch}"
    there = [platform for platform, _, _ in bundle.toolchains]
    if there and own not in there:
        yield Finding(
            TOOLCHAIN,
            Status.WARN,
            f"The Go in the bundle {bundle.title} is for {', '.join(there)}, and this machine is "
            f"{own}.",
            remedy=Remedy(
                "Use another Go here, or make the bundle anew with",
                (f"jupyter gokernel bundle create --platform {own} --toolchain PREFIX -o FILE",),
            ),
        )
