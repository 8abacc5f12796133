"""The store that is changed: whose it is, that nobody else leads us elsewhere, and making it."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from go_kernel.files import exists, foreign_writer, is_folder, nearest_existing, writable
from go_kernel.findings import Remedy
from go_kernel.offline.errors import BundleError
from go_kernel.offline.store import BundleStores
from go_kernel.printable import printable
from go_kernel.ways import leads_astray


class NoSiteStore(BundleError):
    """There is no store of the site, by GOKERNEL_SITE_BUNDLES."""

    id = "bundle.no-site-store"

    def __init__(self) -> None:
        super().__init__(
            "This site has no store of bundles: GOKERNEL_SITE_BUNDLES names none.",
            "Unset that variable, or let it name a folder.",
        )


class SiteUnwritable(BundleError):
    """The site's store is not for us to change."""

    id = "bundle.site-unwritable"

    def __init__(self, place: Path):
        super().__init__(
            f"The site's bundles in {printable(str(place))} are not yours to change.",
            "Do it as the administrator, or without --site for yourself alone.",
        )
        self.place = place


class StoreUntrusted(BundleError):
    """A store that others could write: nothing in it is used."""

    id = "bundle.store-untrusted"

    def __init__(self, place: Path, reason: str):
        super().__init__(
            f"Nothing is kept in {printable(str(place))}, because it {reason}, and kernels would "
            "not use it.",
            Remedy("Take that right away:", (f"chmod go-w {quote(str(place))}",))
            if reason.startswith("is writable")
            else "It must belong to you or to root.",
        )
        self.place = place
        self.reason = reason


def store_to_write(stores: BundleStores, *, site: bool) -> Path:
    """The store to change; raises NoSiteStore, SiteUnwritable, StoreUntrusted."""
    if not site:
        into = stores.user
    elif (of_site := stores.of_site()) is None:
        raise NoSiteStore
    else:
        into = of_site
        if not writable(nearest_existing(into)):
            raise SiteUnwritable(into)
    if is_folder(into) and (reason := foreign_writer(into)):
        raise StoreUntrusted(into, reason)
    check_way(into)
    return into


def check_way(into: Path) -> None:
    """Raise StoreUntrusted where somebody else could have the store made elsewhere."""
    if astray := leads_astray(into):
        raise StoreUntrusted(into, f"is below {astray[0]}, which {astray[1]}")


def make(into: Path, *, site: bool) -> None:
    """Make the store where it is missing; the site's for all to read, whatever the umask."""
    missing = [folder for folder in (into, *into.parents) if not exists(folder)]
    for folder in reversed(missing):
        folder.mkdir(mode=0o755 if site else 0o700, exist_ok=True)
        if site:
            folder.chmod(0o755)
