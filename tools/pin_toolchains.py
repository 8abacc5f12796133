"""Adds versions of Go to the pinned table: python -m tools.pin_toolchains 1.28.0 ...

Asks pip what it would download for each platform; nothing is downloaded.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from go_kernel.files import write_json
from go_kernel.process import run
from tools.toolchains import DISTRIBUTION, TABLE, Wheel, table

# What each of conda's subdirs is to pip (which expands macOS tags downwards, not Linux ones).
TAGS = {
    "linux-64": "manylinux_2_17_x86_64",
    "linux-aarch64": "manylinux_2_17_aarch64",
    "osx-64": "macosx_14_0_x86_64",
    "osx-arm64": "macosx_14_0_arm64",
}


def ask_pip(version: str, subdir: str) -> Wheel:
    """The wheel pip would choose for `version` on `subdir`, and its hash.

    Raises `CommandFailed` where there is none.
    """
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    argv += ["--no-deps", "--only-binary=:all:", "--platform", TAGS[subdir], "--target", "unused"]
    argv += ["--report", "-", f"{DISTRIBUTION}=={version}"]
    report = json.loads(run(argv, env=os.environ, timeout=300).stdout)
    (item,) = report["install"]
    archive = item["download_info"]
    name = PurePosixPath(urlsplit(archive["url"]).path).name
    return Wheel(name, archive["archive_info"]["hashes"]["sha256"])


def main(versions: list[str]) -> int:
    """Ask for each version and platform, and write the table anew."""
    rows = {version: dict(wheels) for version, wheels in table().items()}
    for version in versions:
        rows[version] = {subdir: ask_pip(version, subdir) for subdir in TAGS}
    ordered = sorted(rows, key=lambda version: [int(part) for part in version.split(".")])
    write_json(
        TABLE,
        {version: {s: w._asdict() for s, w in rows[version].items()} for version in ordered},
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
