"""All that a check may look at: no check reads os.environ or a configuration file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from go_kernel import hub_choice, kernel_state, prepare, resolve
from go_kernel.cache import Cache
from go_kernel.config import KernelConfig
from go_kernel.engines.store import Stores
from go_kernel.findings import GoKernelError
from go_kernel.folders import cache_folder
from go_kernel.health.subject import Subject
from go_kernel.installed import Kernel
from go_kernel.prepare import Limits
from go_kernel.resolve import Policy, Resolved, Target
from go_kernel.toolchain import Toolchain


@dataclass(frozen=True)
class Surroundings:
    """What is the same for all subjects.

    `env` is the environment of the process that starts kernels, `kernel_dirs` are
    Jupyter's folders of kernelspecs, the first one first, `python` is the Python that
    runs Jupyter, `cwd` is where relative paths count from, `mounts` is where Linux
    lists what is mounted, `site_map` is where a JupyterHub's choices are looked up,
    `project` is the folder of a project that somebody asked about.
    """

    env: Mapping[str, str]
    kernel_dirs: tuple[Path, ...] = ()
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    python: Path = Path(sys.executable)
    cwd: Path | None = None
    mounts: Path = Path("/proc/self/mountinfo")
    site_map: Path = hub_choice.SITE_MAP
    project: Path | None = None

    @property
    def cache(self) -> Cache:
        """What is remembered for the user."""
        return Cache(cache_folder(self.env))

    @property
    def stores(self) -> Stores:
        """Where built engines are."""
        return Stores.from_environment(self.env)

    @property
    def scratch(self) -> Path:
        """Where kernels' scratch folders are made."""
        return prepare.scratch_base(self.env)


def ignore(line: str) -> None:
    """Progress that nobody wants to hear of."""


@dataclass(frozen=True)
class Context:
    """One subject in its surroundings; `progress` takes lines about what takes long."""

    subject: Subject
    around: Surroundings
    progress: Callable[[str], None] = ignore

    @property
    def env(self) -> Mapping[str, str]:
        """The environment of the process that starts kernels."""
        return self.around.env

    @property
    def target(self) -> Target:
        """The prefix or GOROOT; only for checks of environments."""
        assert self.subject.target is not None
        return self.subject.target

    @property
    def config(self) -> KernelConfig:
        """The configuration of the subject's first kernel, or the one that `install` would write.

        What a check of the environment as such says is what that kernel would meet.
        """
        for kernel in self.subject.kernels:
            if kernel.config:
                return kernel.config
        target = self.target
        return KernelConfig(
            target.name,
            prefix=str(target.prefix or ""),
            goroot=str(target.goroot or "") if target.prefix is None else "",
            go_sha256=target.go_sha256,
        )

    @cached_property
    def toolchain(self) -> Toolchain:
        """The Go; raises FindingError with a finding `toolchain.*`, and BadPrefix."""
        return resolve.find_toolchain(self.target)

    @property
    def policy(self) -> Policy:
        """What is configured for the kernel of `config`: nothing where it has no provisioner."""
        first = next((one for one in self.subject.kernels if one.config), None)
        return Policy() if first is not None and first.portable else self.around.policy

    @property
    def spoken_go(self) -> str:
        """The Go as people call it; "" where there is none that can be used."""
        try:
            return f"Go {self.toolchain.version}" if self.subject.target else ""
        except (GoKernelError, OSError):
            return ""

    @cached_property
    def resolved(self) -> Resolved:
        """The environment of a kernel, without running anything; raises as `resolve.resolve`.

        It lacks what activation scripts would set that were never run.
        """
        return kernel_state.resolved_by_poll(self.config, self.env, self.policy)

    @cached_property
    def activated(self) -> Resolved:
        """As `resolved`, with the activation scripts run where need be: for live checks."""
        return resolve.resolve(
            self.config.target,
            self.env,
            cache=self.around.cache,
            policy=self.config.under(self.policy),
            timeout=self.around.limits.activation,
        )

    def of_kernel(self, kernel: Kernel) -> Context:
        """The same subject with this one kernel alone, so that `config` is the kernel's."""
        return replace(self, subject=replace(self.subject, kernels=(kernel,)))
