"""From a prefix or a GOROOT to the GoEnvironment of a kernel.

This is the one place where the layers come together, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from go_kernel import layers, places, toolchain_layer
from go_kernel import toolchain as toolchains
from go_kernel.cache import Cache
from go_kernel.conda import activation as conda_activation
from go_kernel.conda.records import go_record
from go_kernel.environment import GoEnvironment, Merge, without_secrets
from go_kernel.findings import FindingError
from go_kernel.integrity import GoHash, hash_of_go, tampered
from go_kernel.offline import applied
from go_kernel.offline.applied import Applied
from go_kernel.toolchain import Toolchain


@dataclass(frozen=True)
class Target:
    """What a kernel is for: a conda prefix, or a GOROOT outside of conda.

    `go_sha256` is the hash of `go` that `install` saw; it counts outside of conda.
    """

    name: str
    prefix: Path | None = None
    goroot: Path | None = None
    go_sha256: str = ""

    @property
    def place(self) -> Path:
        """The prefix or the GOROOT."""
        place = self.prefix or self.goroot
        assert place is not None
        return place


@dataclass(frozen=True)
class Policy:
    """What is set for a kernel by people: its own settings, the user's, the site's.

    With `offline` it fetches nothing, whatever the variables say.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    user: Mapping[str, str] = field(default_factory=dict)
    site: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False

    def above(self, settings: Mapping[str, str], *, offline: bool = False) -> Policy:
        """The same with a kernelspec's settings beneath its own; offline if either says so."""
        settings = {**settings, **self.settings}
        return replace(self, settings=settings, offline=self.offline or offline)


@dataclass(frozen=True)
class Resolved:
    """A GoEnvironment, the hash of its `go`, which the engine's key wants too, and its bundles."""

    environment: GoEnvironment
    go_hash: GoHash
    applied: Applied = field(default_factory=Applied)


def find_toolchain(target: Target) -> Toolchain:
    """The toolchain of a target; raises FindingError with a finding `toolchain.*`."""
    if target.prefix is not None:
        conda_activation.check_prefix(target.prefix)
        return toolchains.in_prefix(target.prefix)
    conda_activation.check_prefix(target.place)  # a colon would end its PATH entry, too
    return toolchains.at_goroot(target.place)


def installed_toolchain(target: Target, cache: Cache) -> Toolchain:
    """The same, and its `go` is the one that was installed: for who runs nothing but that.

    Raises FindingError as `find_toolchain`, and where the `go` is another one.
    """
    toolchain = find_toolchain(target)
    record = go_record(target.prefix, cache) if target.prefix else None
    found = hash_of_go(toolchain, record, target.go_sha256, cache)
    if not found.matches:
        raise FindingError(tampered(toolchain, found))
    return toolchain


def resolve(
    target: Target,
    parent: Mapping[str, str],
    *,
    cache: Cache,
    policy: Policy | None = None,
    timeout: float = 20.0,
    may_run_scripts: bool = True,
    afresh: bool = False,
) -> Resolved:
    """Every variable of a kernel for `target`, started from a process that holds `parent`.

    Starts no process but the environment's activation scripts (with `may_run_scripts`,
    within `timeout` seconds, and only where their outcome isn't remembered).  What is
    wrong but can be lived with is in the result's findings, as are errors that forbid a
    launch.  Raises FindingError where there is no usable toolchain, BadPrefix, NotSettable
    and BadTemplate.
    """
    chosen = policy or Policy()
    toolchain = find_toolchain(target)
    record = go_record(target.prefix, cache) if target.prefix else None
    merge = Merge()
    layers.go_files(merge, parent, toolchain.goroot)
    layers.parent_process(merge, parent)
    if target.prefix is not None:
        activated = conda_activation.activate(
            target.prefix,
            target.name,
            parent,
            cache=cache,
            timeout=timeout,
            may_run=may_run_scripts,
            afresh=afresh,
        )
        layers.activation(merge, activated)
    for place, settings in (("kernelspec", chosen.settings), ("configuration", chosen.user)):
        layers.settings(merge, _filled(settings, merge, target.name), place)
    layers.site(merge, _filled(chosen.site, merge, target.name), parent)
    toolchain_layer.apply(merge, toolchain, record.subdir if record else "", parent)
    used = applied.apply(merge, parent, offline=chosen.offline, cache=cache.folder)
    found = hash_of_go(toolchain, record, target.go_sha256, cache)
    if not found.matches:
        merge.findings.append(tampered(toolchain, found))
    environment = GoEnvironment(
        target.name, target.prefix, toolchain, merge.variables, without_secrets(merge)
    )
    return Resolved(environment, found, used)


def _filled(settings: Mapping[str, str], merge: Merge, name: str) -> dict[str, str]:
    """Settings with the templates among them filled in."""
    fields = places.fields_of(merge, name)
    return {
        key: places.filled(key, value, fields)
        if key in places.TEMPLATED and "{" in value
        else value
        for key, value in settings.items()
    }
