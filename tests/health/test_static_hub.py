"""Checks of what a JupyterHub decided: the Go it chose, and the variables it sets."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from go_kernel.findings import Status
from go_kernel.health import catalogue, offers
from go_kernel.health.context import Context
from go_kernel.health.runner import run_one
from go_kernel.resolve import Policy
from tests import prefixes
from tests.health.cases import Case, judge
from tests.health.conftest import World

ON_HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/alice/", "JUPYTERHUB_USER": "alice"}


def no_hub(world: World) -> Context:
    """A server that a person started."""
    return world.context(None)


def on_hub(world: World, **variables: str) -> Context:
    """A single-user server."""
    world.env |= {**ON_HUB, **variables}
    return world.context(None)


def plain(world: World) -> Context:
    """A Hub that knows nothing of Go."""
    return on_hub(world)


def chosen(world: World) -> Context:
    """The Hub shares the file system and said where."""
    prefix = world.prefix("science")
    return on_hub(world, GOKERNEL_HUB_ENVIRONMENT="go-1.26", GOKERNEL_HUB_PREFIX=str(prefix))


def removed(world: World) -> Context:
    """What it chose was there yesterday."""
    return on_hub(
        world, GOKERNEL_HUB_ENVIRONMENT="go-1.26", GOKERNEL_HUB_PREFIX=f"{world.folder}/gone"
    )


def unmapped(world: World) -> Context:
    """A container whose image has no map."""
    world.env |= {**ON_HUB, "GOKERNEL_HUB_ENVIRONMENT": "go-1.26"}
    return world.context(None, site_map=Path("/nowhere/environments.json"))


def malformed(world: World) -> Context:
    """No Hub of ours says that."""
    return on_hub(world, GOKERNEL_HUB_ENVIRONMENT="../../etc")


def policy(world: World) -> Context:
    """As the mixin sends it, with a password that is nobody's business."""
    return on_hub(
        world,
        GOPROXY="https://u:hunter2hunter2@proxy.invalid,direct",
        GOSUMDB="off",
        GOKERNEL_POLICY="GOPROXY,GOSUMDB",
    )


def kernel_overruled(world: World) -> Context:
    """One kernel says otherwise, one says the same, one is edited by hand."""
    policy(world)
    prefix = world.prefix()
    world.install(prefix, "go-other", settings={"GOSUMDB": "mine"})
    world.install(prefix, "go-same", settings={"GOSUMDB": "off"})
    kernel = world.install(prefix, "go-edited")
    file = kernel.folder / "kernel.json"
    content = json.loads(file.read_text()) | {"env": {"GOPROXY": "direct"}}
    prefixes.write(file, json.dumps(content))
    return world.context(None)


def user_overruled(world: World) -> Context:
    """The user's own configuration says otherwise."""
    policy(world)
    return world.context(None, policy=Policy(user={"GOPROXY": "direct"}))


def in_vain(world: World) -> Context:
    """What can be no policy, and what isn't set."""
    return on_hub(world, GOROOT="/x", GOKERNEL_POLICY="GOROOT,GOPRIVATE")


def without_hub(world: World) -> Context:
    """An administrator's marker elsewhere."""
    world.env |= {"GOSUMDB": "off", "GOKERNEL_POLICY": "GOSUMDB"}
    return world.context(None)


def flags(world: World) -> Context:
    """A Hub's flags that no kernel can follow."""
    world.env |= {**ON_HUB, "GOFLAGS": "-race", "GOKERNEL_POLICY": "GOFLAGS"}
    return world.context(world.prefix())


def without_cgo(world: World) -> Context:
    """A Hub that allows no C."""
    world.env |= {**ON_HUB, "CGO_ENABLED": "0", "GOKERNEL_POLICY": "CGO_ENABLED"}
    return world.context(world.prefix())


def password(world: World) -> Context:
    """An environment of a server to which a Hub sends one."""
    policy(world)
    return world.context(world.prefix())


WELL = [
    Case("hub.environment", no_hub, Status.SKIPPED, "not started by a JupyterHub"),
    Case("hub.environment", plain, words="JupyterHub chose no Go"),
    Case("hub.environment", chosen, words="JupyterHub chose the Go of science for this server."),
    Case("hub.policy", no_hub, Status.SKIPPED, "not started by a JupyterHub"),
    Case("hub.policy", plain, words="JupyterHub sets no variables for kernels."),
    Case("hub.policy", policy, words="JupyterHub sets GOPROXY and GOSUMDB for kernels."),
    Case("hub.policy", without_hub, words="The site (GOKERNEL_POLICY) sets GOSUMDB"),
]
BROKEN = [
    Case("proxy.secrets", password, Status.INFO, "administrator, who sets GOPROXY: put it into a"),
    Case("goflags.agree", flags, Status.WARN, "Ask JupyterHub's administrator, who sets GOFLAGS"),
    Case("compiler.present", without_cgo, Status.WARN, "administrator to take CGO_ENABLED out"),
    Case("hub.environment", removed, Status.ERROR, "is no folder. Choose another one"),
    Case("hub.environment", unmapped, Status.ERROR, "there is no /nowhere"),
    Case("hub.environment", malformed, Status.ERROR, "can't be the id of a Go environment"),
    Case(
        *("hub.policy", kernel_overruled, Status.WARN),
        words="The kernel go-other sets GOSUMDB, and JupyterHub overrules it.",
    ),
    Case(
        *("hub.policy", kernel_overruled, Status.WARN),
        words="The kernel go-edited sets GOPROXY, and JupyterHub overrules it.",
    ),
    Case("hub.policy", user_overruled, Status.WARN, "c.GoKernelProvisioner.variables sets GOPROXY"),
    Case("hub.policy", user_overruled, Status.WARN, "ask JupyterHub's administrator for it."),
    Case("hub.policy", in_vain, Status.INFO, "JupyterHub names GOROOT, GOPRIVATE in"),
]


@pytest.mark.parametrize("case", WELL + BROKEN, ids=str)
def test_hub(case: Case, world: World) -> None:
    """Nothing on a machine without a Hub; a sentence, and whom to ask, on one with it."""
    judge(case, world)


def test_no_secret_is_shown(world: World) -> None:
    """Values are masked, and only the kernels that say otherwise are named."""
    found = judge(Case("hub.policy", kernel_overruled, Status.WARN), world)

    said = "\n".join(f"{one} {one.evidence}" for one in found)
    assert "hunter2hunter2" not in said
    assert "GOPROXY=https://***@proxy.invalid,direct" in said
    assert {one.kernel for one in found} == {"", "go-other", "go-edited"}


# Places that the site gave, in the checks of environments.


def places(world: World, folder: Path) -> Context:
    """A build cache given by the Hub."""
    world.env |= {**ON_HUB, "GOCACHE": str(folder), "GOKERNEL_POLICY": "GOCACHE"}
    place = world.folder / "envs/demo"
    return world.context(place if place.exists() else world.prefix())


def blocked(world: World) -> Context:
    """Something else is there."""
    return places(world, prefixes.write(world.folder / "file", "") / "go")


def missing(world: World) -> Context:
    """Nobody has run Go here yet."""
    for name in ("GOPATH", "GOMODCACHE"):
        folder = world.folder / name.lower()
        folder.mkdir(exist_ok=True)
        world.env[name] = str(folder)
    return places(world, world.folder / "scratch/alice")


def test_a_place_that_cannot_be_is_an_error(world: World) -> None:
    """And the one who gave it is who to ask."""
    judge(Case("places.usable", blocked, Status.ERROR, "Ask JupyterHub's administrator"), world)


def test_a_place_of_a_hub_can_be_made_beforehand(world: World) -> None:
    """As a launch makes it."""
    judge(Case("places.usable", missing, Status.INFO, "not exist yet", "places.make"), world)
    context = missing(world)
    plan = offers.plan("places.make", context)
    offers.apply("places.make", context, plan.token)

    made = world.folder / "scratch/alice"
    assert made.stat().st_mode & 0o777 == 0o700
    assert made.stat().st_uid == os.geteuid()
    check = next(one for one in catalogue.STATIC if one.id == "places.usable")
    assert [one.status for one in run_one(check, missing(world))] == [Status.OK]
