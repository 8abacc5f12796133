"""The risks of a file's replaces that its own text shows: those that have no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from go_kernel.project.scan.findings import dropping, of_replace
from go_kernel.project.scan.model import Declared, Replace, Risk


def risks(file: Declared, requires: Mapping[str, str]) -> Iterator[Risk]:
    """All of them; `requires` are the modules that the file's own or its members' need."""
    by_left = {(one.old, one.old_version): one for one in file.replaces}
    for replace in file.replaces:
        if replace.old == file.module:
            yield of_replace(
                "replace.self",
                file,
                replace,
                "and is that module itself: it has no effect.",
                dropping(file, replace, "Drop it"),
            )
            continue
        yield from _required(file, replace, requires)
        yield from _chained(file, replace, by_left)


def counts(file: Declared, replace: Replace, requires: Mapping[str, str]) -> bool:
    """Whether the version that is required is the one that is replaced, and by nothing else."""
    wanted = requires.get(replace.old)
    if wanted is None or replace.old_version not in ("", wanted):
        return False
    return _winner(file, replace, wanted) is None


def _winner(file: Declared, replace: Replace, wanted: str) -> Replace | None:
    """The replace of just this version, which Go prefers to one of every version.

    ref: https://go.dev/ref/mod#go-mod-file-replace
    """
    if replace.old_version:
        return None
    of_one = (one for one in file.replaces if (one.old, one.old_version) == (replace.old, wanted))
    return next(of_one, None)


def _required(file: Declared, replace: Replace, requires: Mapping[str, str]) -> Iterator[Risk]:
    version = requires.get(replace.old)
    if version is None:
        yield of_replace(
            "replace.not-required",
            file,
            replace,
            "which nothing here requires: without effect until a dependency does.",
            dropping(file, replace, "Drop it if no dependency needs it"),
        )
    elif replace.old_version and replace.old_version != version:
        yield of_replace(
            "replace.other-version",
            file,
            replace,
            f"but {version} is required: it has no effect.",
            dropping(file, replace, f"Replace {replace.old}@{version}, or drop it"),
        )
    elif winner := _winner(file, replace, version):
        yield of_replace(
            "replace.outranked",
            file,
            replace,
            f"but {version} is required, which has a replace of its own, by {winner.by}: this "
            "one has no effect.",
            dropping(file, replace, "Drop it if no other version is ever built"),
        )


def _chained(
    file: Declared, replace: Replace, by_left: Mapping[tuple[str, str], Replace]
) -> Iterator[Risk]:
    if replace.is_folder:
        return
    for version in ("", replace.version):
        if other := by_left.get((replace.by, version)):
            yield of_replace(
                "replace.chained",
                file,
                replace,
                f"and {other.left} by {other.by}: Go follows one replace only, so {replace.old} "
                f"becomes the published {replace.by} {replace.version}.",
                f"Replace {replace.left} by {other.by} itself.",
            )
