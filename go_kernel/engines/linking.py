"""What the linker is told; it makes no other packages, so plugins needn't be told the same."""

from __future__ import annotations

from collections.abc import Sequence

from go_kernel import goflags

# Since this release Go's linker refuses programs that use unexported parts of the
# runtime, as the kernel does to explain how it ends; older linkers don't know the flag.
# ref: https://go.dev/doc/go1.23#linker
_REFUSES_SINCE = (1, 23)


def linker_flags(flags: Sequence[str], release: Sequence[int]) -> list[str]:
    """The flag to add to `go build`, given those of GOFLAGS: of two, only the last counts.

    Without any of a person's own, DWARF is left out: the program is a fifth smaller then.
    """
    theirs = [flag for flag in flags if goflags.name_of(flag) == "ldflags"]
    words = theirs[-1].partition("=")[2] if theirs else "-w"
    if tuple(release[:2]) >= _REFUSES_SINCE:
        words += " -checklinkname=0"
    return [f"-ldflags={words.strip()}"]
