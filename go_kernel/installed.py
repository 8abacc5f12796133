"""The kernels of ours that are installed, found in Jupyter's folders.

Jupyter looks into several folders, the first one wins.  Folders and files that can't
be read are passed over, and so is every kernelspec of somebody else's making.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from go_kernel import hub_choice, kernelspec, spec_remains
from go_kernel.config import KernelConfig
from go_kernel.files import is_file
from go_kernel.findings import GoKernelError

_CUT_OFF = "Its kernel.json is no JSON: it was cut off, or edited by hand."


@dataclass(frozen=True)
class Kernel:
    """One installed kernel; `config` is None, with `problem` saying why, where it is broken."""

    name: str
    folder: Path
    content: Mapping[str, Any]
    config: KernelConfig | None
    problem: str = ""

    @property
    def display_name(self) -> str:
        """What the launcher shows."""
        return str(self.content.get("display_name", self.name))

    @property
    def engine(self) -> str:
        """The engine's name; "" where the configuration is broken."""
        return self.config.engine if self.config else ""

    @cached_property
    def real_place(self) -> str:
        """Where its prefix or GOROOT really is; "" where nobody can say."""
        place = self.config.place if self.config else None
        return os.path.realpath(place) if place else ""

    @property
    def follows_hub(self) -> bool:
        """Whether its environment is whatever a Hub chooses for each server."""
        return self.config is not None and self.config.from_hub

    @property
    def as_written(self) -> KernelConfig | None:
        """Its configuration as kernel.json has it, without what a Hub says (`settled`)."""
        return kernelspec.config_of(self.content) if self.follows_hub else self.config

    @property
    def portable(self) -> bool:
        """Whether it was written without a provisioner."""
        return "kernel_provisioner" not in self.content.get("metadata", {})

    def is_for(self, place: Path, engine: str) -> bool:
        """Whether this is a kernel of that prefix or GOROOT, with that engine.

        One that follows the Hub is no environment's own.
        """
        return (
            self.config is not None
            and not self.follows_hub
            and self.config.engine == engine
            and same_folder(self.config.target.place, place)
        )


class UnknownKernel(GoKernelError):
    """No kernel has this name."""

    id = "kernel.unknown"

    def __init__(self, name: str):
        super().__init__(
            f"There is no Go kernel named {name!r}.",
            "`jupyter gokernel list` shows those there are.",
        )
        self.name = name


def find(kernel_dirs: Iterable[Path]) -> list[Kernel]:
    """Our kernels in these folders, those of the first folder first, by name.

    One that is hidden by a kernel of the same name in an earlier folder is there, too.
    """
    return [kernel for folder in _once(kernel_dirs) for kernel in _in_folder(folder)]


def settled(kernels: Iterable[Kernel], env: Mapping[str, str]) -> list[Kernel]:
    """The kernels, those that follow the Hub as kernels of what it chose for a process with `env`.

    Where it chose nothing that can be used, they stay as they are: of no environment.
    """
    return [_settled(kernel, env) for kernel in kernels]


def _settled(kernel: Kernel, env: Mapping[str, str]) -> Kernel:
    if kernel.config is None or not kernel.config.from_hub:
        return kernel
    try:
        return replace(kernel, config=hub_choice.settled(kernel.config, env))
    except GoKernelError:
        return kernel


def named(name: str, kernel_dirs: Iterable[Path]) -> Kernel:
    """The kernel that Jupyter starts under this name.

    Raises UnknownKernel, and NotOurs where it is somebody else's.
    """
    for found in places_of(name, kernel_dirs):
        kernel = read(found)
        if kernel is None:
            raise kernelspec.NotOurs(found)
        return kernel
    raise UnknownKernel(name)


def places_of(name: str, kernel_dirs: Iterable[Path]) -> list[Path]:
    """The kernelspecs of this name, whoever made them; names count in lower case."""
    wanted = name.lower()
    return [
        path
        for folder in _once(kernel_dirs)
        for path in _specs(folder)
        if path.name.lower() == wanted
    ]


def read(folder: Path) -> Kernel | None:
    """The kernel in a kernelspec's folder; None where it isn't ours."""
    content = kernelspec.read_ours(folder)
    if content is None:
        return None
    if not content:
        return Kernel(folder.name, folder, {}, None, _CUT_OFF)
    try:
        return Kernel(folder.name, folder, content, kernelspec.config_of(content))
    except GoKernelError as error:
        return Kernel(folder.name, folder, content, None, error.summary)


def same_folder(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same folder, be it there or not."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _in_folder(folder: Path) -> Iterator[Kernel]:
    for path in _specs(folder):
        kernel = read(path)
        if kernel is not None:
            yield kernel


def strangers(kernel_dirs: Iterable[Path]) -> list[Path]:
    """The kernelspecs of somebody else's that nobody can read: their kernel.json is no JSON."""
    specs = (path for folder in _once(kernel_dirs) for path in _specs(folder))
    return [
        path for path in specs if spec_remains.is_broken(path) and not spec_remains.is_ours(path)
    ]


def _specs(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if is_file(path / "kernel.json"))
    except OSError:
        return []


def _once(folders: Iterable[Path]) -> Iterator[Path]:
    """Each folder once: a virtual environment may name the same one twice."""
    seen: set[str] = set()
    for folder in folders:
        real = os.path.realpath(folder)
        if real not in seen:
            seen.add(real)
            yield folder
