"""GOFLAGS as Go reads it, and what a kernel needs of it.

A plugin loads only into a kernel that was built with the same flags, so the engine's
flags must be in force for every `go` that a kernel starts, and those that would make
another program of it must not.  The rest of a person's flags stay.
ref: https://pkg.go.dev/cmd/go#hdr-Environment_variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# As Go checks it; ref: https://go.dev/src/cmd/go/internal/base/goflags.go
_FLAG = re.compile(r"--?[A-Za-z][A-Za-z0-9_.-]*(?:=.*)?", re.DOTALL)

# What every engine and every plugin is built with: with it two GOROOTs of the same
# content at different paths, and two users' caches, make the same packages.
ENGINE_FLAGS = ("-trimpath",)

# Flags that make packages another build's, so that plugins don't load, or that stop
# `go get` from adding what a notebook imports.
_CONFLICTING = frozenset(
    "trimpath buildmode race msan asan cover covermode coverpkg pgo compiler gccgoflags pkgdir "
    "linkshared toolexec mod modfile overlay n a buildvcs installsuffix asmflags gcflags C".split()
)


def split(value: str) -> list[str]:
    """The flags of a GOFLAGS value, as Go splits it.

    Fields are separated by white space; one that begins with a quote runs to the next of
    its kind, so a flag is quoted as a whole (`'-ldflags=-s -w'`).  A quote that nothing
    closes makes Go refuse the value; here it is a part of its field.
    ref: https://pkg.go.dev/cmd/internal/quoted
    """
    return [field for field in _fields(value) if field]


_SPACE = " \t\r\n"
_FIELD = re.compile(r"""'([^']*)'|"([^"]*)"|([^ \t\r\n]+)""")


def _fields(value: str) -> Iterator[str]:
    rest = value.lstrip(_SPACE)
    while match := _FIELD.match(rest):
        yield next(group for group in match.groups() if group is not None)
        rest = rest[match.end() :].lstrip(_SPACE)


def join(flags: Sequence[str]) -> str:
    """The GOFLAGS value of these flags; a flag that can't be expressed is left out."""
    return " ".join(quoted for flag in flags if (quoted := quote(flag)))


def quote(field: str) -> str:
    """A field as Go's quoting allows it; "" where it holds both kinds of quotes.

    Used for GOFLAGS and for CGO_*FLAGS alike.
    """
    if field and not any(character in field for character in " \t\n\r'\""):
        return field
    for mark in "'\"":
        if mark not in field:
            return f"{mark}{field}{mark}"
    return ""


def name_of(flag: str) -> str:
    """The bare name of a flag: "mod" of "-mod=vendor" and of "--mod=vendor"."""
    return flag.lstrip("-").partition("=")[0]


def for_kernel(value: str) -> tuple[str, list[str]]:
    """GOFLAGS for a kernel that was started with `value`, and the flags taken out.

    A flag that already is the engine's isn't counted as taken out.  What is no flag goes
    too: a single such word makes every `go` fail.
    """
    flags = split(value)
    kept = [f for f in flags if _FLAG.fullmatch(f) and name_of(f) not in _CONFLICTING and quote(f)]
    dropped = [f for f in flags if f not in kept and f not in ENGINE_FLAGS]
    return join([*kept, *ENGINE_FLAGS]), dropped
