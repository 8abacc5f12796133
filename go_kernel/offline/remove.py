"""Taking bundles out of a store again."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from go_kernel.offline import staging, store
from go_kernel.offline.errors import BundleError, BundleUnwritable
from go_kernel.offline.store import BundleStores
from go_kernel.offline.writing import store_to_write
from go_kernel.printable import printable


class NoSuchBundle(BundleError):
    """There is no bundle of this id or name in the store."""

    id = "bundle.unknown"

    def __init__(self, said: str, into: Path, known: Sequence[str], elsewhere: str):
        close = difflib.get_close_matches(said, known, n=1)
        remedy = elsewhere or (f"Did you mean {close[0]}?" if close else "")
        super().__init__(
            f"There is no bundle {printable(said)!r} in {printable(str(into))}.",
            remedy or "`jupyter gokernel bundle list` names those that there are.",
        )
        self.said = said


class SeveralBundles(BundleError):
    """A name that several bundles have."""

    id = "bundle.ambiguous"

    def __init__(self, said: str, ids: Sequence[str]):
        super().__init__(
            f"{len(ids)} bundles are called {printable(said)!r}.",
            f"Say which by its id: {', '.join(ids)}.",
        )
        self.said = said
        self.ids = tuple(ids)


@dataclass(frozen=True)
class Removed:
    """A bundle that is gone: id, name ("" for none), the bytes of its files, its folder."""

    id: str
    name: str
    size: int
    folder: Path


def remove(stores: BundleStores, words: Sequence[str], *, site: bool = False) -> list[Removed]:
    """Remove the bundles of these ids or names from the user's or the site's store: all or none.

    Each is renamed away first, so that nobody ever sees half of it.  Raises NoSuchBundle,
    SeveralBundles, NoSiteStore, SiteUnwritable, StoreUntrusted, BundleUnwritable.
    """
    into = store_to_write(stores, site=site)
    chosen = {one.id: one for one in (_find(stores, into, word, site=site) for word in words)}
    try:
        with staging.staging(into) as folder, staging.locked(into):
            for one in chosen.values():
                staging.set_aside(one.folder, folder)
    except OSError as error:
        raise BundleUnwritable(error.filename or into, error.strerror or str(error)) from error
    return list(chosen.values())


def _find(stores: BundleStores, into: Path, word: str, *, site: bool) -> Removed:
    there = _all(into)
    fitting = [one for one in there if word and word == one.id]
    fitting = fitting or [one for one in there if word and word == one.name]
    if len(fitting) > 1:
        raise SeveralBundles(word, [one.id for one in fitting])
    if not fitting:
        known = [name for one in there for name in (one.id, one.name) if name]
        raise NoSuchBundle(word, into, known, _elsewhere(stores, word, site=site))
    return fitting[0]


def _elsewhere(stores: BundleStores, word: str, *, site: bool) -> str:
    """What to say of one that is in the other kind of store."""
    others = (stores.user,) if site else stores.site
    if not any(word in (one.id, one.name) for other in others for one in _all(other)):
        return ""
    return "It is one of yours: leave out --site." if site else "It is the site's: say --site."


def _all(into: Path) -> list[Removed]:
    """Everything that is called as bundles are, be it whole and trusted or not."""
    try:
        return [_plain(folder) for folder in store.folders(into)]
    except OSError:
        return []


def _plain(folder: Path) -> Removed:
    bundle = store.read(folder, site=False)
    about = bundle and bundle.summary
    return Removed(folder.name, about.name if about else "", about.size if about else 0, folder)
