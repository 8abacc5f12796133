"""A conda channel on this machine, holding real Go in conda-forge's package layouts.

Made once for each content (recipes, versions, wheels) and kept in the dev cache.
python -m tools.channel [VERSION=LAYOUT ...] prints its path.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tools import conda_package, recipes, toolchains
from tools.conda_package import write_index, write_package
from tools.dev_cache import dev_cache, made_once
from tools.recipes import MACHINES, Layout


class Go(NamedTuple):
    """One Go of the channel."""

    version: str
    layout: Layout


# The oldest Go we support as it was packed then, the newest two as they are now.
DEFAULT = (Go("1.22.10", Layout.A), Go("1.26.6", Layout.B), Go("1.27.3", Layout.B))


def local_channel(
    versions: tuple[Go, ...] = DEFAULT,
    *,
    subdir: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Path:
    """The channel's folder, made where the dev cache doesn't have it yet.

    Raises `ToolchainError` where a toolchain can't be had.
    """
    environment = os.environ if env is None else env
    machine = MACHINES[subdir or toolchains.host_subdir()]
    digest = _digest(versions, machine.subdir)

    def build(channel: Path) -> None:
        folder = channel / machine.subdir
        folder.mkdir(parents=True)
        goroots = {
            go.version: (
                toolchains.goroot(go.version, subdir=machine.subdir, env=environment),
                go.layout,
            )
            for go in versions
        }
        packages = recipes.recipes(goroots, machine, digest[:7])
        written = {write_package(package, folder): package for package in packages}
        write_index(channel, machine.subdir, written)

    return made_once(dev_cache(environment) / "channels" / digest[:16], build)


def _digest(versions: tuple[Go, ...], subdir: str) -> str:
    # The sources count as a whole: a changed comment builds anew, a changed recipe surely does.
    seen = hashlib.sha256(repr((versions, subdir)).encode())
    for module in (conda_package, recipes):
        seen.update(Path(str(module.__file__)).read_bytes())
    for go in versions:
        seen.update(toolchains.pinned(go.version, subdir).sha256.encode())
    return seen.hexdigest()


def main(wanted: list[str]) -> int:
    """Print the path of a channel with the wanted versions, or the default ones."""
    pairs = (item.partition("=") for item in wanted)
    versions = tuple(
        Go(toolchains.newest(version), Layout(layout or "B")) for version, _, layout in pairs
    )
    print(local_channel(versions or DEFAULT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
