"""What commands left behind, and whether what they made can be used."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import CommandLine


def by_create(line: CommandLine) -> list[str]:
    """What `bundle create` left where the bundle goes and where it gathers, but for bundles."""
    working = Path(line.env["XDG_CACHE_HOME"]) / "jupyter-gokernel" / "bundling"
    beside = [path.name for path in line.cwd.iterdir() if path.name != "b"]
    return [*beside, *(path.name for path in working.glob("*"))]


def by_use(line: CommandLine) -> list[str]:
    """What `bundle use` left in the store, but for bundles and its lock."""
    store = Path(line.env["GOKERNEL_BUNDLES"])
    known = [one["id"] for one in line("bundle", "list", "--json").json["bundles"]]
    return [path.name for path in store.iterdir() if path.name not in (*known, ".lock")]


def in_use(line: CommandLine) -> int:
    """How many bundles kernels use."""
    return len(line("bundle", "list", "--json").json["bundles"])
