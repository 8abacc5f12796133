"""Versions of Go as go lines, toolchain lines and `go version` name them, in Go's order.

ref: https://go.dev/doc/toolchain#version
"""

from __future__ import annotations

import re

_VERSION = re.compile(r"(?:go)?([0-9]+)\.([0-9]+)(?:\.([0-9]+)|(beta|rc)([0-9]+))?(?:[-+].*)?")
_RELEASED = {None: 0, "beta": 1, "rc": 2}


def order(version: str) -> tuple[int, ...]:
    """To compare by: 1.27 before its candidates, those before 1.27.0; (0,) for what is none."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return (0,)
    major, minor, patch, kind, number = match.groups()
    if patch is not None:
        return int(major), int(minor), 3, int(patch)
    return int(major), int(minor), _RELEASED[kind], int(number or 0)


def is_newer(version: str, than: str) -> bool:
    """Whether a version that a file asks for is newer than a Go's own."""
    return order(version) > order(than)
