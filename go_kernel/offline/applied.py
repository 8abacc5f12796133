"""What kernels get of bundles: where Go looks for modules first, or where alone.

Bundles stand in front of whatever GOPROXY would be without them.  A kernel that is offline
has them and other folders, and nothing else: no proxy, no repository, no checksum database.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from go_kernel import goproxy, taking_back
from go_kernel.environment import Layer, Merge, Origin, Variable
from go_kernel.files import is_file, is_folder
from go_kernel.offline.site import OFFLINE, says_offline
from go_kernel.offline.store import Bundle, BundleStores, bundles

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


def apply(merge: Merge, parent: Mapping[str, str], *, offline: bool) -> Applied:
    """Put into force what bundles and `offline` say; the last part of layer 6.

    `parent` says where the stores are, and may say by GOKERNEL_OFFLINE what `offline` says;
    so may the site.  Without bundles and offline nothing changes.
    """
    site = says_offline(parent)
    offline = offline or bool(site)
    found = bundles(BundleStores.from_environment(parent))
    merge.findings.extend(found.findings)
    used = Applied(found.bundles, offline)
    if offline:
        _go_offline(merge, found.bundles, f"{_OFFLINE} by {site}" if site else _OFFLINE)
    elif found.bundles:
        _in_front(merge, found.bundles)
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


def _in_front(merge: Merge, used: Sequence[Bundle]) -> None:
    before = merge.variables.get("GOPROXY")
    value = merge.get("GOPROXY")
    said = _named(used)
    if before is not None and value:
        said += f" in front of {taking_back.spoken(before.origin)}"
    changed = goproxy.in_front(_proxies(used), value)
    if changed != value:
        merge.set("GOPROXY", changed, Origin(Layer.TOOLCHAIN, said))


def _go_offline(merge: Merge, used: Sequence[Bundle], why: str) -> None:
    value = goproxy.in_front(_proxies(used), goproxy.folders_only(merge.get("GOPROXY"))) or "off"
    said = f"{why}: {_named(used)}" if used else why
    merge.set("GOPROXY", value, Origin(Layer.TOOLCHAIN, said))
    for name, fixed in _NO_NETWORK.items():
        merge.set(name, fixed, Origin(Layer.TOOLCHAIN, why))


def _proxies(used: Sequence[Bundle]) -> list[Path]:
    return [one.proxy for one in used if is_folder(one.proxy)]


def _named(used: Sequence[Bundle]) -> str:
    names = [one.title for one in used[:_MOST_NAMED]]
    more = [f"{len(used) - _MOST_NAMED} more"] if len(used) > _MOST_NAMED else []
    return f"bundle{'s' if len(used) > 1 else ''} {', '.join([*names, *more])}"


def _in_list(path: Path) -> str:
    """As a list by colons takes it: engines read `%3A` and `%25` back."""
    return str(path).replace("%", "%25").replace(":", "%3A")
