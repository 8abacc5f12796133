"""Is this the `go` that was installed?

Inside conda the answer is conda-meta's: the package's record holds the hash of each
file.  When the record and the file change together, that is an upgrade.  When the
file alone changes, somebody replaced it, and it is not run.  Outside conda, the hash
that `install` saw takes the record's place.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from go_kernel.cache import Cache
from go_kernel.conda.records import GoRecord
from go_kernel.digests import remembered_sha256
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.toolchain import Toolchain


@dataclass(frozen=True)
class GoHash:
    """The hash of a toolchain's `go`, and what it should be ("" where nobody knows)."""

    actual: str
    expected: str = ""
    source: str = ""

    @property
    def matches(self) -> bool:
        """False only where it is known to differ."""
        return not self.expected or self.actual == self.expected


def hash_of_go(toolchain: Toolchain, record: GoRecord | None, pinned: str, cache: Cache) -> GoHash:
    """Hash a toolchain's `go` and say what it should be.

    `pinned` is the hash that `install` saw; it counts only where no record has one.
    """
    actual = remembered_sha256(toolchain.go, cache)
    if record is not None and record.go_sha256:
        return GoHash(actual, record.go_sha256, f"conda-meta's record of {record.package}")
    return GoHash(actual, pinned, "the hash seen when the kernel was installed" if pinned else "")


def tampered(toolchain: Toolchain, found: GoHash) -> Finding:
    """The finding for a `go` that is not the installed one."""
    inside = toolchain.prefix is not None and found.source.startswith("conda-meta")
    remedy = (
        Remedy(
            "Reinstall Go in that environment",
            (f"conda install -p {_quoted(toolchain.prefix)} --force-reinstall go",),
        )
        if inside
        else Remedy(
            "If you replaced it yourself, install the kernel again (with --name, where it has "
            "a name of your own)",
            (f"jupyter gokernel install --replace --go {_quoted(toolchain.goroot)}",),
        )
    )
    return Finding(
        id="toolchain.hash-mismatch",
        status=Status.ERROR,
        summary=(
            f"{toolchain.go} is not the file that was installed: its SHA-256 differs from "
            f"{found.source}, so it is not run."
        ),
        evidence=f"expected {found.expected}, found {found.actual}",
        remedy=remedy,
        environment=str(toolchain.prefix or toolchain.goroot),
    )


def _quoted(path: Path | None) -> str:
    return shlex.quote(str(path))
