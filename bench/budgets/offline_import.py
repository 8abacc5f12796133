"""A package that a machine has never seen: imported from a bundle, and from the network.

Both are our kernel, of one build, through its provisioner.  Each time modules and compiled
imports are kept in new folders, so that all is fetched and linked anew; what Go compiles is in
its cache on both sides.  The network is this machine's own, with its distance to the proxy.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.interleave import Take, interleaved, undisturbed
from bench.result import Comparison, Kind, Result
from bench.starts import NoReply, Start, running
from bench.world import World
from go_kernel import kernelspec
from go_kernel.process import run

NAME = "offline-import"
TITLE = "import of a package that is new to the machine, from a bundle, against from the network"
# The nearest network is a proxy next door: from there on a bundle wins.
LIMIT = 1.1
_MODULE = "github.com/mattn/go-runewidth@v0.0.15"  # which needs another one
_CELL = 'import "github.com/mattn/go-runewidth"'
_SECONDS = 600


async def measure(world: World, rounds: int) -> Result:
    """Offline, with the bundle; online, without it."""
    offline = kernelspec.spec_for(replace(world.config, offline=True), name="go-offline")
    ways = {
        "from a bundle, offline": _import(
            world,
            world.add_spec(offline.name, offline.content),
            {"GOKERNEL_BUNDLES": str(_used(world))},
        ),
        "from the network": _import(world, world.add_ours(), {"GOKERNEL_BUNDLES": "/nowhere"}),
    }
    here, there = ways
    try:
        taken = await interleaved(ways, rounds)
    except NoReply as error:
        return Result(NAME, TITLE, (), (f"not measured: {error}",))
    compared = Comparison(_CELL, taken[here], there, taken[there], Kind.RATIO, LIMIT)
    return Result(NAME, TITLE, (compared,))


def _used(world: World) -> Path:
    """The store with the bundle, made and used by the commands that people use."""
    archive, store = world.folder / "one.gokernel.tar.zst", world.folder / "bundles"
    env = {**world.env, "GOKERNEL_BUNDLES": str(store)}
    gokernel = [sys.executable, "-m", "go_kernel.cli.main", "bundle"]
    create = ["create", "--module", _MODULE, "-o", str(archive)]
    for words in (create, ["use", str(archive)]):
        run([*gokernel, *words], env=env, timeout=_SECONDS)
    return store


def _import(world: World, spec: str, more: Mapping[str, str]) -> Take:
    async def take() -> float:
        with TemporaryDirectory(dir=world.folder) as fresh:
            env = {
                **world.env,
                "GOMODCACHE": f"{fresh}/modules",
                "GOKERNEL_SITE_STORES": world.env["GOKERNEL_STORE"],
                "GOKERNEL_STORE": f"{fresh}/engines",
                **more,
            }
            start = Start(spec, spec, world.kernels, world.folder, env)
            async with running(start) as kernel:
                with undisturbed():
                    return await kernel.seconds_of(_CELL)

    return take
