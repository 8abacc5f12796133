"""What kernels get of bundles: where Go looks for modules first, or where alone.

Bundles stand in front of whatever GOPROXY would be without them.  A kernel that is offline
has them and other folders, and nothing else: no proxy, no repository, no checksum database.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import MappingProxyType

from go_kernel import goproxy, taking_back
from go_kernel.environment import Layer, Merge, Origin, Variable
from go_kernel.files import is_file, is_folder
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.offline import merged, private
from go_kernel.offline.site import OFFLINE, says_offline
from go_kernel.offline.store import Bundle, BundleStores, bundles
from go_kernel.printable import printable

# What a kernel's process is told besides OFFLINE: the go.sum files of bundles.
SUMS = "GOKERNEL_SUMS"

_OFFLINE = "offline"
_MOST_NAMED = 3
# Without GONOPROXY, GOPRIVATE sends Go to repositories, past the bundles.
_NO_NETWORK: Mapping[str, str] = MappingProxyType(
    {"GOSUMDB": "off", "GONOPROXY": "none", "GOVCS": "*:off"}
)


@dataclass(frozen=True)
class Applied:
    """The bundles that a kernel uses, the first one asked first, and whether it fetches nothing."""

    bundles: tuple[Bundle, ...] = ()
    offline: bool = False

    @property
    def variables(self) -> dict[str, str]:
        """What the kernel's process is told besides Go's own variables."""
        sums = [_in_list(one.sums) for one in self.bundles if is_file(one.sums)]
        told = {SUMS: os.pathsep.join(sums)} if sums else {}
        return {**told, OFFLINE: "1"} if self.offline else told


def apply(merge: Merge, parent: Mapping[str, str], *, offline: bool, cache: Path) -> Applied:
    """Put into force what bundles and `offline` say; the last part of layer 6.

    In the folder `cache` the versions are listed that several bundles hold of one module.
    `parent` says where the stores are, and may say by GOKERNEL_OFFLINE what `offline` says;
    so may the site.  Without bundles and offline nothing changes.
    """
    site = says_offline(parent)
    offline = offline or bool(site)
    found = bundles(BundleStores.from_environment(parent))
    merge.findings.extend(found.findings)
    used = Applied(found.bundles, offline)
    if offline:
        _go_offline(merge, found.bundles, cache, f"{_OFFLINE} by {site}" if site else _OFFLINE)
    elif found.bundles:
        _in_front(merge, found.bundles, cache)
    return used


def is_ours(origin: Origin) -> bool:
    """Whether a value is what it is because of bundles, or of being offline."""
    return origin.layer is Layer.TOOLCHAIN and origin.detail.startswith((_OFFLINE, "bundle"))


def without(variable: Variable | None) -> tuple[str, Origin | None]:
    """What a variable would be without bundles and `offline`, and who says so; None for nobody."""
    if variable is None or not is_ours(variable.origin):
        return (variable.value or "", variable.origin) if variable else ("", None)
    if not variable.overrode:
        return "", None
    return variable.overrode[-1].value, variable.overrode[-1].origin


def _in_front(merge: Merge, used: Sequence[Bundle], cache: Path) -> None:
    before = merge.variables.get("GOPROXY")
    value = merge.get("GOPROXY")
    said = _named(used)
    if before is not None and value:
        said += f" in front of {taking_back.spoken(before.origin)}"
    changed = goproxy.in_front(_proxies(used, cache), value)
    if changed == value:
        return
    merge.set("GOPROXY", changed, Origin(Layer.TOOLCHAIN, said))
    _private(merge, used, value)


def _private(merge: Merge, used: Sequence[Bundle], behind: str) -> None:
    """See to modules of bundles that GOPRIVATE or GONOPROXY keep from everything in GOPROXY.

    Where no proxy on a network stands `behind` the bundles, Go may as well be sent through
    the list: it tells nobody, and ends at the repository.  Elsewhere it would ask a proxy
    for names that somebody keeps to themselves, at each import for the package's first; the
    checksum database isn't asked for them, whoever is.
    """
    name = "GONOPROXY" if merge.get("GONOPROXY") else "GOPRIVATE"
    patterns = merge.get(name) or ""
    pattern = private.held([one.proxy for one in used], patterns)
    if not pattern:
        return
    if private.tells_nobody(behind):
        said = f"{_named(used)}: modules that {name} keeps from proxies"
        merge.set("GONOPROXY", "none", Origin(Layer.TOOLCHAIN, said))
    else:
        merge.findings.append(_passed_by(name, pattern, patterns))


def _passed_by(name: str, pattern: str, patterns: str) -> Finding:
    named = f"GONOSUMDB={patterns}"
    return Finding(
        id="offline.passed-by",
        status=Status.INFO,
        summary=(
            f"Bundles hold modules below {printable(pattern)}, and {name} keeps these from "
            "everything in GOPROXY, bundles too: Go gets them from their repositories."
        ),
        remedy=Remedy(
            "To have them from the bundles, let the kernel fetch nothing (install --offline). Or, "
            "where the proxies behind the bundles may learn their names:",
            (f"jupyter gokernel install --replace --set GONOPROXY=none --set {quote(named)}",),
        ),
    )


def _go_offline(merge: Merge, used: Sequence[Bundle], cache: Path, why: str) -> None:
    value = (
        goproxy.in_front(_proxies(used, cache), goproxy.folders_only(merge.get("GOPROXY"))) or "off"
    )
    said = f"{why}: {_named(used)}" if used else why
    merge.set("GOPROXY", value, Origin(Layer.TOOLCHAIN, said))
    for name, fixed in _NO_NETWORK.items():
        merge.set(name, fixed, Origin(Layer.TOOLCHAIN, why))


def _proxies(used: Sequence[Bundle], cache: Path) -> list[Path]:
    """The bundles' folders, and in front what all of them have of one module."""
    own = [one.proxy for one in used if is_folder(one.proxy)]
    lists = merged.lists(own, cache)
    return [lists, *own] if lists else own


def _named(used: Sequence[Bundle]) -> str:
    titles = [one.title for one in used]
    names = [
        f"{one.title} ({one.id})" if one.name and titles.count(one.title) > 1 else one.title
        for one in used[:_MOST_NAMED]
    ]
    more = [f"{len(used) - _MOST_NAMED} more"] if len(used) > _MOST_NAMED else []
    return f"bundle{'s' if len(used) > 1 else ''} {', '.join([*names, *more])}"


def _in_list(path: Path) -> str:
    """As a list by colons takes it: engines read `%3A` and `%25` back."""
    return str(path).replace("%", "%25").replace(":", "%3A")
