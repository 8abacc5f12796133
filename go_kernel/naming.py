"""What a kernel is called where two environments have one name.

The first one to be installed is `go-NAME`.  The next gets its folder's name with it,
and keeps that for as long as it is installed, whatever becomes of the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel.config import KernelConfig
from go_kernel.files import is_folder
from go_kernel.installed import Kernel
from go_kernel.kernelspec import display_name, kernel_name
from go_kernel.resolve import Target

# Folders of environments that are called the same everywhere tell nothing.
_SAY_NOTHING = frozenset({"envs", ".pixi", ".conda", "site-packages", "lib", ""})


@dataclass(frozen=True)
class Name:
    """A kernel's name and what the launcher shows."""

    name: str
    shown: str


def choose(target: Target, engine: str, present: Sequence[Kernel]) -> Name:
    """The name for a kernel of `target`, where the kernels `present` are installed.

    One that this target has already is kept.
    """
    candidates = list(_candidates(target, engine))
    for candidate in candidates:
        for kernel in present:
            if kernel.name == candidate.name and kernel.is_for(target.place, engine):
                return candidate
    for candidate in candidates[:-1]:
        if not any(_occupies(kernel, candidate, target, engine) for kernel in present):
            return candidate
    return candidates[-1]


def shown_of_hubs(config: KernelConfig, name: str, present: Sequence[Kernel]) -> str:
    """What the launcher shows for a kernel that follows the Hub and is called `name`.

    One of another name that is shown as usual, with other settings say, has to be told from it.
    """
    usual = display_name(config.environment, config.engine, conda=False)
    taken = any(
        kernel.follows_hub and kernel.name != name and kernel.display_name == usual
        for kernel in present
    )
    if not name or not taken:
        return usual
    return display_name(f"{config.environment}, {name}", config.engine, conda=False)


def _occupies(kernel: Kernel, wanted: Name, target: Target, engine: str) -> bool:
    """Whether a living environment other than ours has the name, or the Hub's kernel."""
    return (
        kernel.name == wanted.name
        and kernel.config is not None
        and not kernel.is_for(target.place, engine)
        and (kernel.follows_hub or is_folder(kernel.config.target.place))
    )


def _candidates(target: Target, engine: str) -> Iterator[Name]:
    """Plain, with the parent folder's name, with a digest of the path."""
    conda = target.prefix is not None

    def named(label: str, shown: str) -> Name:
        return Name(kernel_name(label, engine), display_name(shown, engine, conda=conda))

    parent = _parent(target)
    digest = hashlib.sha256(str(target.place).encode("utf-8", "surrogateescape")).hexdigest()[:6]
    yield named(target.name, target.name)
    yield named(f"{target.name}-{parent}", f"{target.name} in {parent}")
    yield named(f"{target.name}-{parent}-{digest}", f"{target.name} in {target.place}")


def _parent(target: Target) -> str:
    """The nearest folder above an environment that tells it from its namesakes."""
    place = target.place
    own = {place.name, target.name} if target.prefix else {"go"}
    above: list[Path] = [place, *place.parents] if target.goroot else [*place.parents]
    for folder in above:
        if folder.name not in _SAY_NOTHING | own:
            return folder.name
    return "root"
