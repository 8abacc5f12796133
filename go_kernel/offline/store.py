"""Where bundles are kept on a machine: the user's own store, and those of the site.

A bundle in a store is a folder that is called by its id, as it was in its archive, with a
summary beside.  What is in one becomes a kernel's program, so one that others could write
isn't used.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from go_kernel.files import exists, foreign_writer, is_folder, is_forbidden
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.folders import data_folder
from go_kernel.offline import summary
from go_kernel.offline.summary import ID, Summary
from go_kernel.ways import leads_astray

SITE_STORES = (
    Path("/usr/local/share/jupyter-gokernel/bundles"),
    Path("/usr/share/jupyter-gokernel/bundles"),
)

STORE_VARIABLE = "GOKERNEL_BUNDLES"
SITE_STORES_VARIABLE = "GOKERNEL_SITE_BUNDLES"


@dataclass(frozen=True)
class Bundle:
    """One bundle in a store; `site` where it is one of the site's."""

    id: str
    folder: Path
    site: bool
    summary: Summary

    @property
    def name(self) -> str:
        """What it is called, "" where nobody named it."""
        return self.summary.name

    @property
    def title(self) -> str:
        """As people are told of it: its name, or else its id."""
        return self.name or self.id

    @property
    def store(self) -> Path:
        """The store that it is in."""
        return self.folder.parent

    @property
    def proxy(self) -> Path:
        """The folder that GOPROXY names, as a `file://` address."""
        return self.folder / "proxy"

    @property
    def sums(self) -> Path:
        """The go.sum lines of its modules."""
        return self.folder / "go.sum"

    @property
    def toolchains(self) -> tuple[tuple[str, str, Path], ...]:
        """The Gos in it: platform (`linux-amd64`), version, GOROOT."""
        return tuple(
            (platform, version, self.folder / "toolchain" / platform / "go")
            for platform, version in self.summary.toolchains
        )


@dataclass(frozen=True)
class Found:
    """The bundles that kernels use, in their order, and why others are passed over."""

    bundles: tuple[Bundle, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class BundleStores:
    """The store of the user, and those of the site."""

    user: Path
    site: tuple[Path, ...]

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> BundleStores:
        """As `env` has them: GOKERNEL_BUNDLES and GOKERNEL_SITE_BUNDLES (a list of folders).

        Relative folders are passed over: they would name another place in each notebook.
        """
        named = env.get(SITE_STORES_VARIABLE)
        site: tuple[Path, ...] = SITE_STORES
        if named is not None:
            site = tuple(Path(p) for p in named.split(os.pathsep) if p.startswith("/"))
        user = env.get(STORE_VARIABLE, "")
        return cls(Path(user) if user.startswith("/") else data_folder(env) / "bundles", site)

    @property
    def all(self) -> tuple[tuple[Path, bool], ...]:
        """Every store, in the order in which kernels ask them, and whether it is the site's."""
        return (self.user, False), *((store, True) for store in self.site)

    def of_site(self) -> Path | None:
        """The store into which an administrator puts: the first of the site's that is there.

        Where none is, the first that may be; None where the site has none.
        """
        there = [store for store in self.site if is_folder(store)]
        return next(iter(there or self.site), None)


def bundles(stores: BundleStores) -> Found:
    """What kernels use: the user's, the one last used first, then the site's.

    No file but the summaries is read.
    """
    found: list[Bundle] = []
    findings: list[Finding] = []
    for store, site in stores.all:
        here, problems = _in_store(store, site)
        found += sorted(here, key=lambda bundle: -bundle.summary.used_at)
        findings += problems
    return Found(tuple(found), tuple(findings))


def read(folder: Path, *, site: bool) -> Bundle | None:
    """The bundle in a folder of a store, trusted or not; None where it is none that is whole."""
    about = summary.read(folder)
    if about is None or about.id != folder.name:
        return None
    return Bundle(about.id, folder, site, about)


def folders(store: Path) -> Iterator[Path]:
    """The folders of a store that are called as bundles are; raises OSError."""
    for name in sorted(os.listdir(store)):  # noqa: PTH208 - a store may hold a thousand
        if ID.fullmatch(name):
            yield store / name


def distrust(bundle: Bundle) -> tuple[Path, str] | None:
    """What of a bundle others could have written, and why we think so; None where nothing.

    Whoever can write a folder can replace what is in it, so the store counts as well, and
    the way to it.
    """
    return _of_store(bundle.store) or _distrust(_parts(bundle))


def _of_store(store: Path) -> tuple[Path, str] | None:
    return _distrust([store]) or leads_astray(store)


def _parts(bundle: Bundle) -> tuple[Path, ...]:
    goroots = (goroot for _, _, goroot in bundle.toolchains)
    return bundle.folder, bundle.folder / summary.FILE, bundle.sums, bundle.proxy, *goroots


def _distrust(paths: Iterable[Path]) -> tuple[Path, str] | None:
    for path in paths:
        # A launch asks this: one look at each that is there.
        if (reason := foreign_writer(path)) and os.path.lexists(path):
            return path, reason
    return None


def _in_store(store: Path, site: bool) -> tuple[list[Bundle], list[Finding]]:
    found: list[Bundle] = []
    findings: list[Finding] = []
    try:
        places = list(folders(store))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [_unreadable(store, error)]
    of_store = _of_store(store) if places else None
    for place in places:
        bundle = read(place, site=site)
        if bundle is None:
            findings.append(_unread(place))
        elif untrusted := of_store or _distrust(_parts(bundle)):
            findings.append(_untrusted(bundle, *untrusted))
        else:
            found.append(bundle)
    return found, findings


def _unreadable(store: Path, error: OSError) -> Finding:
    return Finding(
        "offline.unreadable",
        Status.WARN,
        f"The bundles in {store} are not used: the folder can't be read ({error.strerror}).",
        remedy=Remedy("Make it readable for you, or ask the administrator to."),
    )


def _unread(place: Path) -> Finding:
    if _is_forbidden(place):
        return _forbidden(place)
    return _newer(place) if summary.is_newer(place) else _broken(place)


def _newer(place: Path) -> Finding:
    return Finding(
        "offline.newer",
        Status.WARN,
        f"The bundle in {place} is not used: a later version of jupyter-gokernel put it there.",
        remedy=Remedy("Update jupyter-gokernel, or use the bundle in another store."),
    )


def _is_forbidden(place: Path) -> bool:
    """Whether it is there, and not for us: root's own in the store of somebody, say."""
    file = place / summary.FILE
    return is_forbidden(file) or (exists(file) and not os.access(file, os.R_OK))


def _forbidden(place: Path) -> Finding:
    return Finding(
        "offline.unreadable",
        Status.WARN,
        f"The bundle in {place} is not used: you may not read it.",
        remedy=Remedy("Let whose it is give it to you, or remove it."),
    )


def _broken(place: Path) -> Finding:
    return Finding(
        "offline.broken",
        Status.WARN,
        f"The bundle in {place} is not used: it holds no {summary.FILE} that is whole.",
        remedy=Remedy("Use it again from its file with", ("jupyter gokernel bundle use FILE",)),
    )


def _untrusted(bundle: Bundle, path: Path, reason: str) -> Finding:
    remedy = Remedy("Bundles must belong to you or to root.")
    if reason.startswith("is writable"):
        deep = "-R " if path.is_relative_to(bundle.store) else ""
        remedy = Remedy("Take that right away:", (f"chmod {deep}go-w {quote(str(path))}",))
    return Finding(
        "offline.untrusted",
        Status.WARN,
        f"The bundle {bundle.title} is not used, because {path} {reason}.",
        remedy=remedy,
    )
