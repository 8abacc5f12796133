"""Where a variable was set that shouldn't be, and how that is taken back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from go_kernel.environment import Layer, Merge, Origin
from go_kernel.findings import Remedy
from go_kernel.layers import JUPYTERHUB
from go_kernel.platforms import PlatformMismatch
from go_kernel.toolchain import Toolchain


def named(found: PlatformMismatch, merge: Merge, toolchain: Toolchain) -> PlatformMismatch:
    """The same with those of GOOS and GOARCH that differ from the toolchain's, by origin."""
    own = {"GOOS": toolchain.goos, "GOARCH": toolchain.goarch}
    wrong = {
        name: merge.variables[name].origin
        for name, value in own.items()
        if merge.get(name, value) != value
    }
    if not wrong:
        return found
    said = ", ".join(f"{name} is set by {spoken(origin)}" for name, origin in wrong.items())
    # What one place set, one command takes back; the other shows when this one is mended.
    first = next(iter(wrong.values()))
    names = [name for name, origin in wrong.items() if origin == first]
    return replace(found, set_by=said, remedy=remedy(names, first, toolchain))


def spoken(origin: Origin) -> str:
    """Who set it, without our reason for not using it."""
    place = _place(origin)
    if origin.layer is Layer.GO_FILES:
        return f"`{place}`" if place.startswith("go env") else place
    if origin.layer is Layer.PARENT:
        return "the process that starts kernels"
    if place == JUPYTERHUB:
        return JUPYTERHUB
    return f"{origin.layer.spoken}: {place}" if place else origin.layer.spoken


def remedy(names: Sequence[str], origin: Origin, toolchain: Toolchain) -> Remedy:
    """What takes these variables back, by a command where there is one."""
    place, said = _place(origin), " and ".join(names)
    if origin.layer is Layer.GO_FILES and place == "go env -w":
        command = shlex.join([str(toolchain.go), "env", "-u", *names])
        return Remedy(f"Take {said} back", (command,))
    if origin.layer is Layer.GO_FILES:
        return Remedy(f"Take {said} out of {toolchain.goroot / 'go.env'}.")
    if origin.layer is Layer.PARENT:
        return Remedy(
            f"Take {said} out of your shell's start-up files (or of what starts Jupyter)."
        )
    if place == "conda-meta/state" and toolchain.prefix:
        words = ["-p", str(toolchain.prefix), *names]
        return Remedy(f"Unset {said}", (f"conda env config vars unset {shlex.join(words)}",))
    if origin.layer is Layer.ACTIVATION and toolchain.prefix:
        return Remedy(f"Take {said} out of {toolchain.prefix / place}.")
    if origin.layer is Layer.SITE:
        return remedy_of_site(names, origin)
    return Remedy(f"Take {said} out of the {origin.layer.spoken} ({place}).")


def remedy_of_site(names: Sequence[str], origin: Origin) -> Remedy:
    """How what the site set is taken back: by asking its administrator."""
    place, said = _place(origin), " and ".join(names)
    if place == JUPYTERHUB:
        text = f"Ask {administrator(origin)} to take {said} out of what it sets for your servers."
    else:
        text = f"Take {said} out of the {origin.layer.spoken} ({place})."
    return Remedy(text)


def administrator(origin: Origin) -> str:
    """Whom to ask about what the site set."""
    return "JupyterHub's administrator" if origin.detail == JUPYTERHUB else "the administrator"


def _place(origin: Origin) -> str:
    return f" {origin.detail}".partition(" (")[0].strip()


def by_asking(said: Remedy, name: str, origin: Origin) -> Remedy:
    """A remedy that changes a variable, as a request to whoever set it, where the site did."""
    if origin.layer is not Layer.SITE:
        return said
    text = said.text if said.text[1:2].isupper() else said.text[:1].lower() + said.text[1:]
    return Remedy(f"Ask {administrator(origin)}, who sets {name}: {text}", said.commands)
