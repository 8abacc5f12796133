"""conda's subdirs and Go's platforms, both ways.

ref: https://github.com/conda/conda/blob/main/conda/base/constants.py (KNOWN_SUBDIRS)
ref: https://go.dev/doc/install/source#environment (GOOS and GOARCH)
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from go_kernel.findings import Finding, Remedy, Status


@dataclass(frozen=True)
class Platform:
    """What Go builds for: GOOS, GOARCH and, where conda is finer than these, GOARM."""

    goos: str
    goarch: str
    goarm: str = ""

    def __str__(self) -> str:
        """Go's own spelling: linux/amd64."""
        return f"{self.goos}/{self.goarch}"

    def variables(self) -> dict[str, str]:
        """The variables that make Go build for this platform."""
        pairs = {"GOOS": self.goos, "GOARCH": self.goarch, "GOARM": self.goarm}
        return {name: value for name, value in pairs.items() if value}


# Every subdir of conda's that Go has a port for.  Left out, since Go has none:
# noarch, zos-z, and emscripten-wasm32 (Go's js/wasm is another machine).
SUBDIRS: Mapping[str, Platform] = MappingProxyType(
    {
        "linux-64": Platform("linux", "amd64"),
        "linux-32": Platform("linux", "386"),
        "linux-aarch64": Platform("linux", "arm64"),
        "linux-armv6l": Platform("linux", "arm", "6"),
        "linux-armv7l": Platform("linux", "arm", "7"),
        "linux-loong64": Platform("linux", "loong64"),
        "linux-ppc64": Platform("linux", "ppc64"),
        "linux-ppc64le": Platform("linux", "ppc64le"),
        "linux-riscv64": Platform("linux", "riscv64"),
        "linux-s390x": Platform("linux", "s390x"),
        "osx-64": Platform("darwin", "amd64"),
        "osx-arm64": Platform("darwin", "arm64"),
        "win-32": Platform("windows", "386"),
        "win-64": Platform("windows", "amd64"),
        "win-arm64": Platform("windows", "arm64"),
        "freebsd-64": Platform("freebsd", "amd64"),
        "wasi-wasm32": Platform("wasip1", "wasm"),
    }
)

_MACHINES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "i386": "386",
    "i486": "386",
    "i586": "386",
    "i686": "386",
    "aarch64": "arm64",
    "arm64": "arm64",
    "loongarch64": "loong64",
    "ppc64": "ppc64",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
}
_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}


def of_subdir(subdir: str) -> Platform | None:
    """The platform of a conda subdir; None where Go has no port for it."""
    return SUBDIRS.get(subdir)


def to_subdir(goos: str, goarch: str, goarm: str = "") -> str | None:
    """The conda subdir of a Go platform; None where conda has none.

    Go's own default for GOARM on a native build is 7.
    """
    wanted = Platform(goos, goarch, (goarm.partition(",")[0] or "7") if goarch == "arm" else "")
    for subdir, known in SUBDIRS.items():
        if known == wanted:
            return subdir
    return None


def host(system: str = sys.platform, machine: str | None = None) -> Platform:
    """The platform of this machine, as far as Go knows it by name."""
    spoken = (machine or platform.machine()).lower()
    goos = next((goos for start, goos in _SYSTEMS.items() if system.startswith(start)), system)
    if spoken.startswith("armv"):
        # 64-bit processors call themselves armv8l to a 32-bit program.
        return Platform(goos, "arm", spoken[4:5] if spoken[4:5] in ("5", "6") else "7")
    return Platform(goos, _MACHINES.get(spoken, spoken))


@dataclass(frozen=True)
class PlatformMismatch:
    """A conda subdir and a Go platform that do not belong together."""

    subdir: str
    goos: str
    goarch: str
    goarm: str = ""
    expected: Platform | None = field(default=None)
    set_by: str = ""  # "GOARCH by go env -w"
    remedy: Remedy | None = None

    def finding(self) -> Finding:
        """An error that names both sides."""
        target = f"{self.goos}/{self.goarch}"
        ours = to_subdir(self.goos, self.goarch, self.goarm)
        expected = str(self.expected) if self.expected else "no platform that Go knows"
        return Finding(
            id="platform.mismatch",
            status=Status.ERROR,
            summary=(
                f"The environment's packages are for conda's {self.subdir}, which is {expected} "
                f"to Go, but Go is set to build for {target}"
                + (f" (conda's {ours})" if ours else " (which conda has no subdir for)")
                + (f": {self.set_by}." if self.set_by else ".")
            ),
            evidence=f"subdir={self.subdir} GOOS={self.goos} GOARCH={self.goarch}",
            remedy=self.remedy
            or Remedy("Unset GOOS and GOARCH, or install a Go of the environment's own platform."),
        )


def mismatch(subdir: str, goos: str, goarch: str, goarm: str = "") -> PlatformMismatch | None:
    """What is wrong between a conda subdir and GOOS/GOARCH; None where they agree.

    `noarch` agrees with everything.
    """
    expected = of_subdir(subdir)
    if subdir == "noarch" or (
        expected is not None
        and (expected.goos, expected.goarch) == (goos, goarch)
        and (not goarm or not expected.goarm or goarm.partition(",")[0] == expected.goarm)
    ):
        return None
    return PlatformMismatch(subdir, goos, goarch, goarm, expected)
