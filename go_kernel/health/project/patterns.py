"""Go's patterns of module paths, as in GOPRIVATE.

ref: https://pkg.go.dev/golang.org/x/mod/module#MatchPrefixPatterns
"""

from __future__ import annotations

import fnmatch
import re


def matches(patterns: str, path: str) -> bool:
    """Whether one of the patterns, by commas, fits the beginning of a module's path."""
    return any(_fits(one.strip().rstrip("/"), path) for one in patterns.split(","))


def _fits(pattern: str, path: str) -> bool:
    if not pattern:
        return False
    globs, elements = pattern.split("/"), path.split("/")
    if len(globs) > len(elements):
        return False
    return all(_element(g, e) for g, e in zip(globs, elements, strict=False))


def _element(glob: str, element: str) -> bool:
    return re.match(fnmatch.translate(glob.replace("[^", "[!")), element) is not None
