"""From what somebody calls a module to the module and its version, as a kernel finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from go_kernel.goerrors import explain
from go_kernel.gojson import objects
from go_kernel.offline import versions
from go_kernel.offline.asking import Asking
from go_kernel.offline.unmade import NotGathered
from go_kernel.offline.wanted import Query

# How many versions are looked at for one that suits this Go, from the newest down.
_LOOKED = 40


def resolve(asking: Asking, query: Query) -> tuple[str, str]:
    """The path and version of the module that `query` means.

    The path may be a package's: the module is the longest that there is.  Raises NotGathered.
    """
    paths = [query.path, *_above(query.path)]
    troubles: list[str] = []
    # The path itself is a module, mostly; whoever has no such module is asked for those above.
    for asked in (paths[:1], paths[1:]):
        for path, version, trouble in _answers(asking, query, asked):
            if version:
                return path, version
            troubles.append(trouble)
    raise NotGathered(str(query), _telling(troubles), env=asking.sources)


def _above(path: str) -> list[str]:
    """The paths above that may be modules, the longest first: a host alone is none."""
    parts = path.split("/")
    # On these hosts it is known where a repository begins.
    least = 3 if parts[0] in ("github.com", "bitbucket.org") else 2
    return ["/".join(parts[:length]) for length in range(len(parts) - 1, least - 1, -1)]


def _answers(asking: Asking, query: Query, paths: list[str]) -> Iterator[tuple[str, str, str]]:
    """Of each path the version that is meant, or what Go says instead."""
    if not paths:
        return
    asked = [f"{path}@{query.version}" for path in paths]
    argv = ("list", "-mod=mod", "-m", "-e", "-json=Path,Version,Error", *asked)
    exact = versions.is_exact(query.version)
    folder = asking.module("resolve", "")
    done = asking.go(argv, folder, str(query), check=False, exact=exact)
    found = [*objects(done.stdout)]
    if len(found) != len(paths):
        yield paths[0], "", done.stderr
        return
    for path, one in zip(paths, found, strict=True):
        trouble = str((one.get("Error") or {}).get("Err", ""))
        yield path, "" if trouble else str(one.get("Version", "")), trouble or done.stderr


def _telling(troubles: list[str]) -> str:
    """What says more than that there is no such module, where anything does."""
    known = [one for one in troubles if one]
    serious = [one for one in known if explain(one).network and not explain(one).absent]
    return (serious or known or [""])[0]


def fitting(asking: Asking, path: str, newest: str) -> str:
    """The newest version before `newest` that doesn't need a newer Go, as a kernel takes it.

    "" where there is none.  Raises NotGathered.
    """
    folder = asking.module("fitting", "")
    what = f"{path}@latest"
    listing = ("list", "-mod=mod", "-m", "-versions", "-json=Versions", path)
    known = asking.json(listing, folder, what, exact=False).get("Versions") or []
    older = [one for one in known if versions.order(one) < versions.order(newest)]
    asked = [f"{path}@{one}" for one in reversed(older[-_LOOKED:])]
    if not asked:
        return ""
    line = "-f={{.Version}} {{.GoVersion}}"
    listed = asking.go(("list", "-mod=mod", "-m", "-e", line, *asked), folder, what, check=False)
    for text in listed.stdout.splitlines():
        version, _, needs = text.partition(" ")
        # Without a go line a version is passed over: Go 1.22 prints none for one too new.
        if needs and _numbers(needs) <= asking.toolchain.numbers:
            asking.notes.append(
                f"{path} {version} is taken: its newest version needs a newer Go than "
                f"{asking.toolchain.version}."
            )
            return version
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in found.groups()) if found else (999,)
