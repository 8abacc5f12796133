"""GOFLAGS as Go reads it, and what a kernel needs of it.

A plugin loads only into a kernel that was built with the same flags, so the engine's
flags must be in force for every `go` that a kernel starts, and those that would make
another program of it must not.  The rest of a person's flags stay.
ref: https://pkg.go.dev/cmd/go#hdr-Environment_variables
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    """The flags of a GOFLAGS value.

    Fields are separated by spaces; one that begins with a quote runs to the next of
    its kind, and a flag's value may be quoted as a whole (`'-ldflags=-s -w'`).
    """
    return [flag for flag in _fields(value) if flag]


def _fields(value: str) -> Iterator[str]:
    rest = value.strip(" \t\r\n")
    while rest:
        if rest[0] in "'\"" and rest[0] in rest[1:]:
            field, _, rest = rest[1:].partition(rest[0])
        else:
            field, _, rest = rest.replace("\t", " ").replace("\n", " ").partition(" ")
        yield field
        rest = rest.lstrip(" \t\r\n")


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

    A flag that already is the engine's isn't counted as taken out.
    """
    flags = split(value)
    dropped = [f for f in flags if name_of(f) in _CONFLICTING and f not in ENGINE_FLAGS]
    kept = [f for f in flags if name_of(f) not in _CONFLICTING]
    return join([*kept, *ENGINE_FLAGS]), dropped
