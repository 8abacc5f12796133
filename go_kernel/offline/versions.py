"""The order of module versions, as Go has it.

ref: https://go.dev/ref/mod#versions and https://semver.org/#spec-item-11
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SEMVER = re.compile(
    r"v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)
_PSEUDO = re.compile(
    r"v[0-9]+\.(?:0\.0-|[0-9]+\.[0-9]+-(?:[^+]*\.)?0\.)[0-9]{14}-[A-Za-z0-9]+"
    r"(?:\+[0-9A-Za-z.-]+)?"
)


def is_exact(version: str) -> bool:
    """Whether this is one version (`v1.2.3`) and no query (`v1`, `latest`, a branch)."""
    return _SEMVER.fullmatch(version) is not None


def is_pseudo(version: str) -> bool:
    """Whether it stands for a commit that nobody gave a version to."""
    return _PSEUDO.fullmatch(version) is not None


def order(version: str) -> tuple[object, ...]:
    """To sort by; what is no version comes first."""
    found = _SEMVER.fullmatch(version)
    if found is None:
        return (-1, -1, -1, False, (), version)
    numbers = tuple(int(found[part]) for part in (1, 2, 3))
    return (*numbers, found[4] is None, _identifiers(found[4] or ""), version)


def newest(versions: Iterable[str]) -> str:
    """What `latest` means where only these are there.

    That is a release before a pre-release before a commit without a version.
    """
    return max(versions, key=lambda one: (_stability(one), order(one)))


def _stability(version: str) -> int:
    found = _SEMVER.fullmatch(version)
    if found is None or is_pseudo(version):
        return 0
    return 1 if found[4] else 2


def _identifiers(text: str) -> tuple[tuple[bool, int, str], ...]:
    """The parts of a pre-release: numbers come before words, and count as numbers."""
    return tuple(
        (not part.isdigit(), int(part) if part.isdigit() else 0, part)
        for part in text.split(".")
        if text
    )
