"""Declared kernels: installed as `install` does it, and changed where the file changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import join
from typing import Any

from go_kernel import install, installed, kernel_state, kernelspec
from go_kernel.declared.errors import ApplyError, Changed
from go_kernel.declared.model import Go, Kernel
from go_kernel.declared.record import Made
from go_kernel.declared.steps import Action, Kind, Step, Tell, World, is_missing, target_of
from go_kernel.engines import catalogue
from go_kernel.engines.store import Stores
from go_kernel.findings import Remedy
from go_kernel.install import Planned, Request
from go_kernel.kernelspec import Change
from go_kernel.printable import printable
from go_kernel.variables import masked


class OtherGo(ApplyError):
    """A Go outside of conda that isn't the one for which the kernel was installed."""

    id = "apply.other-go"

    def __init__(self, name: str, go: Go, command: Sequence[str]):
        super().__init__(
            f"The go of {go} is not the one for which the kernel {name} was installed.",
            Remedy("If you replaced it, say so:", (join(command),)),
        )
        self.name = name


def step(wish: Kernel, world: World) -> Step:
    """What is to be done about a kernel; raises as `install.install` does, before anything."""
    what = f"The kernel {wish.name or f'of {wish.go}'}"
    target = target_of(wish.go, world, what)
    request = Request(
        target,
        wish.engine,
        wish.name,
        wish.display_name,
        wish.settings,
        wish.portable,
        replace=True,
        offline=wish.offline,
    )
    look = not is_missing(target, world)
    planned = install.plan(
        request, world.where, world.env, limits=world.limits, policy=world.policy, look=look
    )
    place = str(planned.folder)
    known = world.record.get(Kind.KERNEL.value, place)
    ours = world.replace or known is not None
    if planned.change is Change.REPLACED and not ours:
        raise kernelspec.AlreadyInstalled(planned.folder)
    if not world.replace and _is_other_go(planned):
        raise OtherGo(planned.spec.name, wish.go, world.command("--replace"))
    action, details = _action(planned, wish, world)
    begun = None
    if known is not None or action is not Action.NONE:
        begun = Made(Kind.KERNEL.value, place, planned.spec.name, _proof(planned.spec.content))
    if known is None and planned.change in (Change.NONE, Change.REFRESHED):
        begun = None  # only its engine is missing: whoever installed it, it wasn't this file

    def put(tell: Tell) -> Made:
        done = install.install(
            replace(request, name=planned.spec.name),
            world.where,
            world.env,
            limits=world.limits,
            policy=world.policy,
            progress=tell,
            warn=world.warn,
        )
        content = kernelspec.read_ours(done.folder) or {}
        return Made(Kind.KERNEL.value, str(done.folder), done.name, _proof(content))

    do = None if action is Action.NONE else put
    return Step(Kind.KERNEL, planned.spec.name, place, action, details, begun, do)


def usual_name(wish: Kernel) -> str:
    """What a kernel without a name of its own is called, before anything is looked at."""
    if not wish.go.environment:
        return f"of {wish.go}"  # it is named after its version
    return kernelspec.kernel_name(Path(wish.go.environment).name, wish.engine)


def removal(made: Made, world: World) -> Step | None:
    """How to take one away; None where it is gone already; raises Changed where it was changed."""
    folder = Path(made.place)
    content = kernelspec.read_ours(folder)
    if content is None:
        return None
    command = join(["jupyter", "gokernel", "uninstall", folder.name])
    if content and made.whole and _proof(content) != made.proof:
        raise Changed(f"The kernel {made.name}", "was changed since", command)
    if made.key in world.record.of_others():
        raise Changed(f"The kernel {made.name}", "another file made it, too", command)

    def take_away(tell: Tell) -> Made:
        kernelspec.remove(folder)
        return made

    return Step(Kind.KERNEL, made.name, made.place, Action.REMOVE, (str(folder),), made, take_away)


def _is_other_go(planned: Planned) -> bool:
    """Whether the hash that a kernel pins is of the same place's Go, and another one."""
    present = installed.read(planned.folder)
    old = present.config if present else None
    new = kernelspec.config_of(planned.spec.content)
    return (
        old is not None
        and bool(old.go_sha256 and new.go_sha256)
        and old.goroot == new.goroot
        and old.go_sha256 != new.go_sha256
    )


def _action(planned: Planned, wish: Kernel, world: World) -> tuple[Action, tuple[str, ...]]:
    if planned.change is Change.NEW:
        return Action.MAKE, (f"{planned.spec.content['display_name']}, on {wish.go}",)
    differences = [*_differences(planned)]
    if planned.change is Change.REFRESHED:
        differences += ["it was installed by another version of jupyter-gokernel"]
    if planned.found is not None:
        engine = catalogue.get(wish.engine)
        if not kernel_state.is_built(engine, planned.found, Stores.from_environment(world.env)):
            differences += ["its engine is not built"]
    return Action.CHANGE if differences else Action.NONE, tuple(differences)


def _differences(planned: Planned) -> Iterator[str]:
    """What is written otherwise than wanted, each as `NAME from OLD to NEW`."""
    present = installed.read(planned.folder)
    if present is None or not present.content:
        yield "its kernel.json was cut off"
        return
    old, new = _flat(present.content), _flat(planned.spec.content)
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield f"{key} from {_shown(key, old)} to {_shown(key, new)}"


def _flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a person decides about in a kernel.json, by the names that the file has for it."""
    metadata = content.get("metadata") or {}
    config = dict((metadata.get("gokernel") or {}).get("config") or {})
    settings = config.pop("settings", {})
    return {
        "display_name": content.get("display_name"),
        "portable": "kernel_provisioner" not in metadata,
        **config,
        **{f"settings.{name}": value for name, value in settings.items()},
    }


def _shown(key: str, values: Mapping[str, Any]) -> str:
    if key not in values:
        return "nothing"
    value = values[key]
    return printable(
        masked(key.rpartition(".")[2], value) if isinstance(value, str) else str(value)
    )


def _proof(content: Mapping[str, Any]) -> str:
    """A hash of what was decided about a kernel; other versions of ours write the same."""
    plain = json.dumps(_flat(content), sort_keys=True, default=str)
    return hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()
