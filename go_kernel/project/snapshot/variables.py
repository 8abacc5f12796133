"""Which of Go's variables a snapshot holds, and how: without secrets and without places.

Where caches are and what a home is called makes no difference to what is built, and
would make each machine's snapshot another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from go_kernel.printable import printable
from go_kernel.variables import masked

# What is built follows from these, beside Go itself and the sources.
DECIDING = (
    *("GOOS", "GOARCH", "GO386", "GOAMD64", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64"),
    *("GORISCV64", "GOWASM", "GOEXPERIMENT", "GOFIPS140", "GOFLAGS", "GODEBUG", "GO111MODULE"),
    *("CGO_ENABLED", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_FFLAGS", "CGO_LDFLAGS"),
    *("CC", "CXX", "FC", "AR", "PKG_CONFIG"),
)
# From where modules come; what they are is held by go.sum.
SOURCES = ("GOPROXY", "GOSUMDB", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOINSECURE", "GOVCS")


# What may stand before a path: nothing, a separator, an option such as -I, file:/.
_BEFORE = r"""(^|[\s"'=:,;|]|-[A-Za-z]+|//)"""


def shown(values: Mapping[str, str], places: Mapping[str, Path]) -> dict[str, str]:
    """The variables that are set, secrets masked, and `places` by their names (`$HOME`)."""
    return {
        name: without_places(printable(masked(name, value)), places)
        for name, value in values.items()
        if value
    }


def without_places(text: str, places: Mapping[str, Path]) -> str:
    """`text` with the names of `places` in it where it holds their paths."""
    for name, path in sorted(places.items(), key=lambda place: -len(str(place[1]))):
        if path != Path("/"):
            text = re.sub(rf"{_BEFORE}{re.escape(str(path))}(?![\w.-])", rf"\1${name}", text)
    return text
