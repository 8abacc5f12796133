"""Environments with hooks, for tests that look at shells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from go_kernel.hooks import files, wanted
from go_kernel.resolve import Target
from tests import prefixes

# What shells do something with, one character after the other.
HOSTILE = 'it\'s "q" $X ${Y} `id` $(id) !! ! * ? [a] ~ \\ =x %s -n\n two  spaces \n\n'


def hooked(prefix: Path, settings: Mapping[str, str] | None = None, **more: str) -> Path:
    """Put hooks into an environment; its path."""
    target = Target(prefix.name, prefix=prefix)
    cache = prefixes.cache(prefix.parent)
    files.write(wanted.wanted(target, {**(settings or {}), **more}, {}, "--set", cache=cache))
    return prefix


def environment(path: Path, settings: Mapping[str, str] | None = None, **more: str) -> Path:
    """A conda environment with hooks and a Go that is never started."""
    return hooked(prefixes.go_prefix(path), settings, **more)
