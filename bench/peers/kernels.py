"""The ways of starting a kernel that are compared: ours, and the peers'."""

from __future__ import annotations

import sys
from pathlib import Path

from ipykernel.kernelspec import get_kernel_dict

from bench.peers.build import built, go_caches
from bench.starts import NOTHING, Start
from bench.world import World
from go_kernel.prepare import Prepared

OURS = "ours"
_RUNNER = Path(__file__).parent / "runner"


def ours(world: World, code: str = NOTHING) -> Start:
    """Our gophernotes through our provisioner, which is back once the ports are open."""
    return Start(OURS, world.add_ours(), world.kernels, world.folder, world.env, code)


def bare(world: World, prepared: Prepared) -> Start:
    """The same program with the same variables, under jupyter_client's LocalProvisioner."""
    name = world.add_plain("bare", prepared.argv("{connection_file}"))
    return Start(
        "the same under LocalProvisioner",
        name,
        world.kernels,
        world.folder,
        prepared.variables,
        await_ports=True,
    )


def published(world: World, code: str = NOTHING) -> Start:
    """gophernotes as published, mended only to start."""
    package = "github.com/gopherdata/gophernotes"
    folder = built("gophernotes", package, {"gophernotes": package}, world.goroot, world.env)
    name = world.add_plain("published", [folder / "gophernotes", "{connection_file}"])
    # It is built so, and loads only plugins that are built as it was.
    env = {**world.go_variables(), **go_caches(world.env), "GOFLAGS": "-trimpath"}
    return Start(
        "gophernotes, as published", name, world.kernels, world.folder, env, code, await_ports=True
    )


def gonb(world: World, code: str = NOTHING) -> Start:
    """GoNB as our engine has it, started without us."""
    build = world.built("gonb")
    name = world.add_plain("gonb", build.argv("{connection_file}"))
    env = build.environment(world.go_variables())
    return Start("GoNB", name, world.kernels, world.folder, env, code, await_ports=True)


def ipykernel(world: World) -> Start:
    """Jupyter's own Python kernel, as its own kernelspec starts it."""
    name = world.add_spec("ipykernel", get_kernel_dict())
    return Start("ipykernel", name, world.kernels, world.folder, world.env)


def runner(world: World, prepared: Prepared) -> Start:
    """Our program, started as nb_conda_kernels starts one: see runner/run.py."""
    own = [sys.executable, *map(str, (_RUNNER / "run.py", _RUNNER / "activate", world.prefix))]
    name = world.add_plain("runner", [*own, *prepared.argv("{connection_file}")])
    env = {**world.env, **prepared.engine.variables, "GOKERNEL_BENCH_PYTHON": sys.executable}
    return Start("through two Pythons and a bash", name, world.kernels, world.folder, env)
