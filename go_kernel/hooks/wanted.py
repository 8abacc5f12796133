"""What hooks set: the Go of an environment, and what somebody said for its shells.

The hooks are everybody's who activates the environment, so nothing of the person who
installs them gets in: no home, no `go env -w`, no credentials.  Go's own default places
are left to Go, which finds them for each user; cgo's flags are left to the compiler
packages, which a shell has activated already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel import places, resolve
from go_kernel.cache import Cache
from go_kernel.conda.bookkeeping import is_bookkeeping
from go_kernel.conda.records import go_record
from go_kernel.findings import FindingError, GoKernelError
from go_kernel.integrity import hash_of_go, tampered
from go_kernel.layers import NotSettable, check_settings
from go_kernel.shells import SHELLS_OWN
from go_kernel.toolchain import Toolchain
from go_kernel.variables import is_secret, masked

# What differs from user to user, and is filled in by the shell.
FIELDS = ("home", "user", "cache")
_FIELD = re.compile(rf"\{{({'|'.join(FIELDS)})\}}")
_NAMED_LIKE_FIELDS = re.compile(r"(?<!\$)\{(?:home|user|cache|environment)\}")
# To try a template with: each user's own come later.
_SOMEBODY = {"home": "/home/somebody", "user": "somebody", "cache": "/home/somebody/.cache"}
# Where one of them isn't absolute, each `go` of that shell fails, or each `go install`.
_ABSOLUTE = (*places.TEMPLATED, "GOBIN")
_HOOKS_OWN = "_gokernel_"
BY_TOOLCHAIN = "the environment's Go"
BY_POLICY = "site policy"


class HookSecret(GoKernelError):
    """A setting that holds a credential, in a file that others read."""

    id = "hooks.secret"

    def __init__(self, name: str, origin: str):
        super().__init__(
            f"The value of {name} ({origin}) {'may hold' if is_secret(name) else 'holds'} a "
            "password or token, and a script in an environment is no place for one: whoever may "
            "activate it may read it.",
            "Put it into a netrc file and set NETRC to its path, or leave it out.",
        )
        self.name = name


class NotForShells(GoKernelError):
    """A variable that hooks can't set; `reason` is half a sentence."""

    id = "hooks.not-for-shells"

    def __init__(self, name: str, origin: str, reason: str):
        super().__init__(
            f"The variable {name!r} ({origin}) can't be set by hooks: {reason}.", "Leave it out."
        )
        self.name = name


class NoTemplate(GoKernelError):
    """A value with a field that nobody would fill in."""

    id = "hooks.no-template"

    def __init__(self, name: str, value: str, field: str, origin: str):
        super().__init__(
            f"{field} in {name}={value} ({origin}) would stay as it is: such fields are filled in "
            f"for {', '.join(sorted(places.TEMPLATED))} only.",
            "Write out what is meant.",
        )
        self.name = name


@dataclass(frozen=True)
class HookVariable:
    """One variable; `value` None means that it is unset.  `origin` says who wants it so.

    `parts` of the value are text, or the name of one of FIELDS in a tuple.
    """

    name: str
    value: str | None
    origin: str = BY_TOOLCHAIN

    @property
    def parts(self) -> tuple[str | tuple[str], ...]:
        """The value as text and fields; empty texts left out."""
        if self.name not in places.TEMPLATED or not self.value:
            return (self.value,) if self.value else ()
        pieces = _FIELD.split(self.value)  # text, field, text, field, … text
        return tuple(
            (piece,) if at % 2 else piece for at, piece in enumerate(pieces) if at % 2 or piece
        )

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields in it, each once."""
        return tuple(dict.fromkeys(part[0] for part in self.parts if isinstance(part, tuple)))


@dataclass(frozen=True)
class Stamp:
    """By what a shell knows a `go` again: its size in bytes and its time in seconds."""

    size: int
    mtime: int

    @classmethod
    def of(cls, go: Path) -> Stamp:
        """That of a file, which links lead to; raises OSError."""
        status = go.stat()
        return cls(status.st_size, int(status.st_mtime))

    def __str__(self) -> str:
        """As `stat` prints it in the hooks."""
        return f"{self.size} {self.mtime}"


@dataclass(frozen=True)
class Hooks:
    """All that the scripts of one environment are made of.

    `made` are the folders, relative to the prefix, that were made for them.
    """

    prefix: Path
    go: Path
    stamp: Stamp
    variables: tuple[HookVariable, ...]
    goos: str = "linux"
    made: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, HookVariable]:
        """What people said, by name."""
        return {one.name: one for one in self.variables if one.origin != BY_TOOLCHAIN}


def wanted(
    target: resolve.Target,
    settings: Mapping[str, str],
    policy: Mapping[str, str],
    origin: str,
    *,
    cache: Cache,
) -> Hooks:
    """The hooks for a conda environment; `settings` come from `origin`, `policy` beats them.

    Raises as `resolve.find_toolchain`, FindingError for a `go` that isn't the one that was
    installed, NotForShells, BadTemplate, NoTemplate, HookSecret and OSError.
    """
    assert target.prefix is not None
    toolchain = resolve.find_toolchain(target)
    # In this order: one that is exchanged in between has another stamp.
    stamp = Stamp.of(toolchain.go)
    found = hash_of_go(toolchain, go_record(target.prefix, cache), "", cache)
    if not found.matches:
        raise FindingError(tampered(toolchain, found))
    chosen = {
        **_checked(target.name, settings, origin),
        **_checked(target.name, policy, BY_POLICY),
    }
    variables = (*_of_toolchain(toolchain), *chosen.values())
    return Hooks(target.prefix, toolchain.go, stamp, variables, toolchain.goos)


def _of_toolchain(toolchain: Toolchain) -> tuple[HookVariable, ...]:
    return (
        HookVariable("GOROOT", str(toolchain.goroot)),
        HookVariable("GOTOOLCHAIN", "local"),
    )


def _checked(environment: str, settings: Mapping[str, str], origin: str) -> dict[str, HookVariable]:
    try:
        check_settings(settings)
    except NotSettable as error:
        raise NotForShells(error.name, origin, error.reason) from error
    return {
        name: HookVariable(name, _filled(environment, name, value, origin) or None, origin)
        for name, value in settings.items()
        if _may_stand(name, value, origin)
    }


def _may_stand(name: str, value: str, origin: str) -> bool:
    """True; raises NotForShells, NoTemplate and HookSecret for what may not."""
    if name == "PATH" or name in SHELLS_OWN or is_bookkeeping(name):
        raise NotForShells(name, origin, "conda and shells set it themselves")
    if name.startswith(_HOOKS_OWN):
        raise NotForShells(name, origin, "the hooks themselves use that name")
    if masked(name, value) != value:
        raise HookSecret(name, origin)
    field = _NAMED_LIKE_FIELDS.search(value)
    if name not in places.TEMPLATED and field:
        raise NoTemplate(name, value, field[0], origin)
    return True


def _filled(environment: str, name: str, value: str, origin: str) -> str:
    """The value with the environment's name in it, and the fields of users still open.

    Raises BadTemplate, and NotForShells for a place that every `go` would refuse.
    """
    somebodys = value
    if name in places.TEMPLATED and "{" in value:
        somebodys = places.filled(name, value, {**_SOMEBODY, "environment": environment})
        value = value.replace("{environment}", re.sub(r"[/:]", "-", environment))
    if name in _ABSOLUTE and value:
        _refuse_relative(name, somebodys, origin)
    return value


def _refuse_relative(name: str, value: str, origin: str) -> None:
    first, *more = value.split(":") if name == "GOPATH" else [value]
    for folder in (first, *filter(None, more)):  # what is empty after the first is left out by Go
        if not folder.startswith("/"):
            raise NotForShells(name, origin, f"Go takes absolute paths only, and {folder!r} isn't")
