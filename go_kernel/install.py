"""Installing a kernel: its variables, its engine, its kernelspec, in that order.

The kernelspec comes last, so that whatever fails before leaves nothing behind.  All
that can be refused is refused before the engine is built.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from go_kernel import installed, kernelspec, naming, prepare
from go_kernel.config import KernelConfig
from go_kernel.engines import build, catalogue
from go_kernel.files import nearest_existing, writable
from go_kernel.findings import Finding, GoKernelError, Status
from go_kernel.kernelspec import Change, NotWritable, Shadows, Spec
from go_kernel.layers import check_settings
from go_kernel.prepare import Limits
from go_kernel.resolve import Policy, Resolved, Target
from go_kernel.variables import is_secret, masked

# The limit of a launch is for people who wait before a notebook; here one sees progress.
_SECONDS = 3600.0


class SecretSetting(GoKernelError):
    """A setting that holds a credential."""

    id = "install.secret"

    def __init__(self, name: str):
        super().__init__(
            f"The value of {name} {'may hold' if is_secret(name) else 'holds'} a password or "
            "token, and a kernelspec is no place for one: others may read it.",
            "Put it into a netrc file and set NETRC to its path, or set "
            "c.GoKernelProvisioner.variables in a configuration file that only you can read.",
        )
        self.name = name


@dataclass(frozen=True)
class Request:
    """What to install.  An empty `name` or `shown` means: as the environment is called.

    With `from_hub` it is a kernel of whatever a Hub chooses; the target has no place then.
    One that is `offline` fetches nothing, and neither does building its engine now.
    """

    target: Target
    engine: str = "gophernotes"
    name: str = ""
    shown: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    portable: bool = False
    build: bool = True
    replace: bool = False
    from_hub: bool = False
    offline: bool = False


@dataclass(frozen=True)
class Where:
    """Where to: the `kernels` folder that is written, and all that Jupyter looks into."""

    kernels: Path
    searched: Sequence[Path] = ()
    python: str = sys.executable


@dataclass(frozen=True)
class Installed:
    """A kernel that is installed now, and what `change` that was.

    Of one that follows the Hub nobody knows a version.
    """

    name: str
    display_name: str
    target: Target
    engine: str
    go_version: str
    folder: Path
    change: Change
    portable: bool
    findings: tuple[Finding, ...] = ()

    @property
    def follows_hub(self) -> bool:
        """Whether its environment is whatever a Hub chooses."""
        return self.target.prefix is None and self.target.goroot is None


@dataclass(frozen=True)
class Planned:
    """What `install` would write where, and what was found of its Go, if anybody looked."""

    spec: Spec
    folder: Path
    change: Change
    found: Resolved | None


def plan(
    request: Request,
    where: Where,
    env: Mapping[str, str],
    *,
    limits: Limits | None = None,
    policy: Policy | None = None,
    look: bool = True,
) -> Planned:
    """What `install` would do, as it is now; nothing is built or written.

    Without `look` nobody asks its Go anything, which may not be there yet.  The
    environment's activation scripts may run.  Raises what `install` raises before it builds.
    """
    check_request(request)
    config, found = _config(request), None
    if look:
        config, found = _looked_at(request, env, limits or Limits(), policy or Policy())
    spec = _spec(request, config, where)
    _check_place(spec, request, where)
    change = kernelspec.change(spec, where.kernels, replace=request.replace)
    return Planned(spec, where.kernels / spec.name, change, found)


def install(
    request: Request,
    where: Where,
    env: Mapping[str, str],
    *,
    limits: Limits | None = None,
    policy: Policy | None = None,
    progress: Callable[[str], None] | None = None,
    warn: Callable[[Finding], None] | None = None,
) -> Installed:
    """Install one kernel.

    `env` is what the server would start it with; `policy` holds the variables of user
    and site.  The environment's activation scripts may run.  Raises GoKernelError, and
    then nothing was written but perhaps an engine into the store.
    """
    check_request(request)
    if request.from_hub:
        return _for_hub(request, where)
    limits = limits or Limits()
    limits = replace(limits, build=max(limits.build, _SECONDS), build_at_launch=True)
    config, found = _looked_at(request, env, limits, policy or Policy())
    # Before the engine is built: that takes a minute, and then to be refused is no fun.
    _check_place(_spec(request, config, where), request, where)
    if warn is not None:  # now: in a minute it would be too late to change one's mind
        for finding in _warnings(found):
            warn(finding)
    if request.build:
        prepare.engine_for(config, found, env, limits=limits, progress=progress)
    return _written(request, config, where, found)


def _config(request: Request) -> KernelConfig:
    return KernelConfig(
        request.target.name,
        str(request.target.prefix or ""),
        str(request.target.goroot or ""),
        request.engine,
        settings=dict(request.settings),
        offline=request.offline,
    )


def _looked_at(
    request: Request, env: Mapping[str, str], limits: Limits, policy: Policy
) -> tuple[KernelConfig, Resolved]:
    """The configuration, with what is pinned of its Go, and what was found of that."""
    config = _config(request)
    found = prepare.resolved(config, env, limits=limits, policy=policy)
    build.check_supported(catalogue.get(request.engine), found.environment.toolchain)
    return replace(config, go_sha256=_pinned(found)), found


def _for_hub(request: Request, where: Where) -> Installed:
    """Install the kernel whose Go each server's Hub chooses: there is nothing to look at yet."""
    config = KernelConfig(
        request.target.name,
        engine=request.engine,
        settings=dict(request.settings),
        from_hub=True,
        offline=request.offline,
    )
    _check_place(_spec(request, config, where), request, where)
    return _written(request, config, where, None)


def check_request(request: Request) -> None:
    """Raise for what can be refused at once: NotSettable, SecretSetting, BadName, UnknownEngine."""
    check_settings(request.settings)
    for name, value in request.settings.items():
        if masked(name, value) != value:
            raise SecretSetting(name)
    if request.name:
        kernelspec.check_name(request.name)
    catalogue.get(request.engine)


def _pinned(found: Resolved) -> str:
    """The hash to expect of `go` from now on; "" where conda-meta's record says it."""
    return "" if found.go_hash.source.startswith("conda-meta") else found.go_hash.actual


def _spec(request: Request, config: KernelConfig, where: Where) -> Spec:
    """The kernelspec, named with an eye to what is installed at this moment."""
    name, shown = request.name, request.shown
    present = installed.find([where.kernels, *where.searched])
    if request.from_hub:
        shown = shown or naming.shown_of_hubs(config, name, present)
    else:
        chosen = naming.choose(request.target, request.engine, present)
        name, shown = name or chosen.name, shown or chosen.shown
    return kernelspec.spec_for(
        config,
        name=name,
        shown=shown,
        python=where.python,
        portable=request.portable,
    )


def _written(
    request: Request, config: KernelConfig, where: Where, found: Resolved | None
) -> Installed:
    spec = _spec(request, config, where)
    change = kernelspec.change(spec, where.kernels, replace=request.replace)
    folder = kernelspec.write(spec, where.kernels, replace=request.replace)
    shown = str(spec.content["display_name"])
    return Installed(
        spec.name,
        shown,
        request.target,
        request.engine,
        found.environment.toolchain.version if found else "",
        folder,
        change,
        request.portable,
        _warnings(found) if found else (),
    )


def _warnings(found: Resolved) -> tuple[Finding, ...]:
    return tuple(f for f in found.environment.findings if f.status is Status.WARN)


def _check_place(spec: Spec, request: Request, where: Where) -> None:
    """Raise for what would keep this kernelspec from being written."""
    if kernelspec.change(spec, where.kernels, replace=request.replace) is Change.NEW:
        _check_shadows(spec.name, where)
    _check_writable(where.kernels)


def _check_shadows(name: str, where: Where) -> None:
    """Raise Shadows where somebody else's kernelspec of this name is in a later folder."""
    at = [installed.same_folder(where.kernels, folder) for folder in where.searched]
    if True not in at:
        return
    for place in installed.places_of(name, where.searched[at.index(True) + 1 :]):
        if installed.read(place) is None:
            raise Shadows(place)


def _check_writable(kernels: Path) -> None:
    nearest = nearest_existing(kernels)
    if not writable(nearest):
        raise NotWritable(kernels, OSError(0, f"{nearest} is not writable"))
