"""What is noted in conda-lock.yml of the Go side: the state in which both sides last agreed.

conda-lock keeps other people's custom metadata, also through a new solve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

SUM, GO, MODULES = "gokernel-go-sum", "gokernel-go-version", "gokernel-modules"
_ALGORITHM = "sha256:"


@dataclass(frozen=True)
class Notes:
    """The SHA-256 of go.sum, go.mod's go line, and the versions of the modules with a rule.

    "" and nothing stand for what isn't noted.
    """

    go_sum: str = ""
    go: str = ""
    modules: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def as_custom(self) -> dict[str, str]:
        """As custom metadata, which holds texts alone; modules as Go writes them."""
        said = (f"{module}@{version}" for module, version in sorted(self.modules.items()))
        return {
            SUM: f"{_ALGORITHM}{self.go_sum}" if self.go_sum else "none",
            GO: self.go,
            MODULES: " ".join(said),
        }


def of(custom: Mapping[str, str]) -> Notes:
    """What is noted; what somebody wrote in its place is passed over."""
    algorithm, hexadecimal = custom.get(SUM, "")[:7], custom.get(SUM, "")[7:]
    pairs = [word.rpartition("@") for word in custom.get(MODULES, "").split()]
    return Notes(
        go_sum=hexadecimal if algorithm == _ALGORITHM else "",
        go=custom.get(GO, ""),
        modules=MappingProxyType({module: version for module, mark, version in pairs if mark}),
    )
