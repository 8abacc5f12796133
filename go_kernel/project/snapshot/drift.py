"""What is no longer as a snapshot has it: each thing by its name, with both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from go_kernel.conda.packages import Package
from go_kernel.project.snapshot.model import Build, Compiler, Module, Snapshot

_NONE = "-"
_DIGITS = 12


@dataclass(frozen=True)
class Drift:
    """One thing that differs: `kind` and `name` say which, `was` and `now` how.

    With `counts` False it is said and no more: it changes nothing of what is built.
    """

    kind: str
    name: str
    was: str
    now: str
    counts: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return dict(vars(self))


def between(then: Snapshot, now: Snapshot) -> tuple[Drift, ...]:
    """All that differs; `now` may lack builds, which are then not compared."""
    return (*_environment(then, now), *_project(then, now), *_variables(then, now))


def of_builds(then: tuple[Build, ...], now: tuple[Build, ...]) -> tuple[Drift, ...]:
    """The programs that come out otherwise than they did.

    One that is the same but for the environment's folder in it is said, and doesn't count.
    """
    was, are = ({one.package: one for one in builds} for builds in (then, now))
    return tuple(
        Drift("build", name, _short(one.sha256), _short(are[name].sha256), not _is_moved(one, are))
        for name, one in sorted(was.items())
        if name in are and one.sha256 != are[name].sha256
    )


def _is_moved(was: Build, are: Mapping[str, Build]) -> bool:
    return bool(was.anywhere) and was.anywhere == are[was.package].anywhere


def _environment(then: Snapshot, now: Snapshot) -> Iterator[Drift]:
    yield from _differing(
        "toolchain",
        {"go": then.toolchain.version, "platform": then.toolchain.platform},
        {"go": now.toolchain.version, "platform": now.toolchain.platform},
    )
    if then.toolchain.version == now.toolchain.version:
        hashes = ({"bin/go": one.toolchain.sha256} for one in (then, now))
        yield from _differing("toolchain", *hashes)
    was, are = (one.environment for one in (then, now))
    if was is None or are is None:
        kinds = ({"conda": "there"} if one else {} for one in (was, are))
        yield from _differing("environment", *kinds)
        return
    yield from _packages(was.packages, are.packages)
    wishes = ({_name(spec): spec for spec in one.requested} for one in (was, are))
    yield from _differing("requested", *wishes)


def _packages(then: tuple[Package, ...], now: tuple[Package, ...]) -> Iterator[Drift]:
    was, are = ({one.name: one for one in some} for some in (then, now))
    for name in sorted({*was, *are}):
        one, other = was.get(name), are.get(name)
        if one is None or other is None or _shown(one) != _shown(other):
            yield Drift("package", name, _shown(one), _shown(other))
        elif _digest(one) != _digest(other):
            yield Drift("package", name, _short(_digest(one)), _short(_digest(other)))


def _shown(package: Package | None) -> str:
    if package is None:
        return _NONE
    return f"{package.version} {package.build}" + (f" {package.subdir}" if package.subdir else "")


def _name(spec: str) -> str:
    """The package's name in a spec such as `conda-forge::go>=1.26`."""
    return re.split(r"[<>=!~ ]", spec.rpartition("::")[2], maxsplit=1)[0]


def _digest(package: Package) -> str:
    return package.sha256 or package.md5


def _project(then: Snapshot, now: Snapshot) -> Iterator[Drift]:
    was, are = (one.project for one in (then, now))
    paths = (dict.fromkeys(one.paths, "here") if one else {} for one in (was, are))
    yield from _differing("project", *paths)
    yield from _differing("file", was.files if was else {}, are.files if are else {})
    modules = ({one.path: _module(one) for one in p.modules} if p else {} for p in (was, are))
    yield from _differing("module", *modules)
    vendors = [p.vendor if p else None for p in (was, are)]
    hashes = [{"vendor": one.sum} if one else {} for one in vendors]
    yield from _differing("vendor", *hashes)
    used = [{"used": "yes" if one.used else "no"} if one else {} for one in vendors]
    if all(vendors):
        yield from _differing("vendor", *used)


def _module(module: Module) -> str:
    return " ".join(filter(None, (module.version, module.sum, module.replaced)))


def _variables(then: Snapshot, now: Snapshot) -> Iterator[Drift]:
    yield from _differing("variable", then.variables, now.variables)
    yield from _compilers(then, now)
    # A mirror at work and another one at home: what modules are, go.sum says.
    for one in _differing("source", then.sources, now.sources):
        yield Drift(one.kind, one.name, one.was, one.now, counts=False)


def _compilers(then: Snapshot, now: Snapshot) -> Iterator[Drift]:
    was, are = ({one.variable: one for one in some.compilers} for some in (then, now))
    for name in sorted({*was, *are}):
        one, other = was.get(name), are.get(name)
        version, present = _version(one), _version(other)
        if version != present:
            yield Drift("compiler", name, version, present)
        elif one is not None and other is not None and one.sha256 != other.sha256:
            yield Drift("compiler", name, _short(one.sha256), _short(other.sha256))


def _version(compiler: Compiler | None) -> str:
    return _NONE if compiler is None else compiler.version or _short(compiler.sha256)


def _differing(kind: str, was: Mapping[str, str], are: Mapping[str, str]) -> Iterator[Drift]:
    for name in sorted({*was, *are}):
        one, other = was.get(name, ""), are.get(name, "")
        if one != other:
            yield Drift(kind, name, _short(one) or _NONE, _short(other) or _NONE)


def _short(text: str) -> str:
    """A hash by its first digits: nobody compares sixty-four by eye."""
    hexadecimal = len(text) in (32, 64) and not set(text) - set("0123456789abcdef")
    return f"{text[:_DIGITS]}..." if hexadecimal else text
