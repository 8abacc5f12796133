"""Taking a bundle into a store, from where kernels use it.

What is proven is what is unpacked: an archive is one open file, hashed before and while it
is unpacked, and its manifest comes from the bytes that were hashed before; one that is signed
is copied first to where nobody else can write.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import IO, cast

from go_kernel.files import exists, foreign_writer, is_folder, nearest_existing, writable
from go_kernel.findings import Remedy
from go_kernel.offline import (
    copying,
    paths,
    sizes,
    staging,
    store,
    summary,
    verify,
    verify_archive,
)
from go_kernel.offline import manifest as manifests
from go_kernel.offline.archive import Archive, Limits
from go_kernel.offline.errors import (
    BadBundle,
    BundleError,
    BundleTooLarge,
    BundleUnwritable,
    NoRoom,
)
from go_kernel.offline.faults import refuse
from go_kernel.offline.manifest import Manifest
from go_kernel.offline.progress import Counted, Progress, silent
from go_kernel.offline.proof import NoProof, Proof
from go_kernel.offline.store import Bundle, BundleStores
from go_kernel.offline.summary import Summary
from go_kernel.offline.unpack import unpack
from go_kernel.printable import printable
from go_kernel.ways import leads_astray

_CHUNK = 1 << 20
# Each launch reads them, and people look at the first ones.
_LISTED = 200


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


@dataclass(frozen=True)
class Used:
    """A bundle that kernels use now; `again` where it was there already.

    `digest` is the SHA-256 that a proof is compared with, and `of` what it is of; `signer` is
    who signed it, "" where nobody was looked for.
    """

    bundle: Bundle
    again: bool
    digest: str
    of: str
    signer: str = ""


@dataclass(frozen=True)
class _Source:
    """What comes in: its manifest, its hash, who signed it, and how it is put into a folder.

    `check` looks at what isn't put anywhere, since the bundle is here already.
    """

    manifest: Manifest
    digest: str
    of: str
    signer: str
    put: Callable[[Path], None]
    check: Callable[[], None]


def use(
    place: Path,
    stores: BundleStores,
    env: Mapping[str, str],
    *,
    site: bool = False,
    proof: Proof | None = None,
    name: str = "",
    progress: Progress = silent,
) -> Used:
    """Take the bundle at `place`, an archive or a folder, into the user's or the site's store.

    `name` is what it will be called here.  The bundle is in the store whole or not at all,
    and whoever was killed at it leaves nothing that counts.  Raises BundleError, and its kind.
    """
    proof = proof or Proof()
    if site and not proof.given:
        raise NoProof(place, folder=is_folder(place))
    into = store_to_write(stores, site=site)
    try:
        _make_store(into, site=site)
        _check_way(into)  # what was missing could have come from somebody else since
        with ExitStack() as held:
            folder = held.enter_context(staging.staging(into))
            look = _folder if is_folder(place) else _archive
            source = look(place, folder, proof, env, progress, held)
            taken = None
            while taken is None:
                taken = _take(source, folder, into, site=site, name=name, progress=progress)
            return taken
    except NoRoom as error:  # these are below a folder that is gone by now
        raise NoRoom(into, error.needed, error.free) from error
    except BundleUnwritable as error:
        raise BundleUnwritable(into, error.reason) from error
    except OSError as error:
        raise BundleUnwritable(into, error.strerror or str(error)) from error


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
    _check_way(into)
    return into


def _check_way(into: Path) -> None:
    """Raise StoreUntrusted where somebody else could have the store made elsewhere."""
    if astray := leads_astray(into):
        raise StoreUntrusted(into, f"is below {astray[0]}, which {astray[1]}")


def _make_store(into: Path, *, site: bool) -> None:
    """Make the store where it is missing; the site's for all to read, whatever the umask."""
    missing = [folder for folder in (into, *into.parents) if not exists(folder)]
    for folder in reversed(missing):
        folder.mkdir(mode=0o755 if site else 0o700, exist_ok=True)
        if site:
            folder.chmod(0o755)


def _archive(
    place: Path,
    folder: Path,
    proof: Proof,
    env: Mapping[str, str],
    progress: Progress,
    held: ExitStack,
) -> _Source:
    # A link to an archive is fine: what is opened once is what is read throughout.
    stream = held.enter_context(copying.open_plain(Path(os.path.realpath(place)), place))
    signer = ""
    if proof.signature:
        copy = folder / "archive"
        copying.room_for(os.fstat(stream.fileno()).st_size, folder)
        with copy.open("xb") as target:
            _hashed(_Hashing(stream, place, progress, target))
        signer = proof.check_signature(copy, env, place)
        stream = held.enter_context(copy.open("rb"))
    manifest, digest = _proven(stream, place, proof, progress)

    @contextmanager
    def again() -> Iterator[IO[bytes]]:
        stream.seek(0)
        hashing = _Hashing(stream, place)
        yield cast("IO[bytes]", hashing)
        if hashing.digest.hexdigest() != digest:
            raise BadBundle(place, "it changed while it was read")

    def put(into: Path) -> None:
        with again() as content:
            unpack(content, into, progress=progress, place=place)

    def check() -> None:
        with again() as content:
            refuse(verify_archive.problems(Archive(content, Limits(), place), progress), place)

    return _Source(manifest, digest, "the archive", signer, put, check)


def _proven(
    stream: IO[bytes], place: Path, proof: Proof, progress: Progress
) -> tuple[Manifest, str]:
    """The manifest of an archive and its hash, which is the one that was told.

    Both are of the same bytes: the file may become another one between two looks at it.
    """
    hashing = _Hashing(stream, place, progress)
    failure = None
    try:
        manifest = Archive(cast("IO[bytes]", hashing), Limits(), place).manifest
    except BadBundle as error:
        failure = error
    digest = _hashed(hashing)
    proof.check_hash(digest, "the archive", place)
    if failure:
        raise failure
    return manifest, digest


def _folder(
    place: Path,
    folder: Path,
    proof: Proof,
    env: Mapping[str, str],
    progress: Progress,
    held: ExitStack,
) -> _Source:
    content = copying.manifest_bytes(place)
    digest, of = hashlib.sha256(content).hexdigest(), f"its {paths.MANIFEST}"
    signer = ""
    if proof.signature:
        copy = folder / "manifest"
        copy.write_bytes(content)
        signer = proof.check_signature(copy, env, place)
    proof.check_hash(digest, of, place)
    manifest = manifests.parse(content, place)

    def put(into: Path) -> None:
        copying.copy(place, manifest, into, progress=progress)

    def check() -> None:
        refuse(copying.problems(place, manifest, progress), place)

    return _Source(manifest, digest, of, signer, put, check)


def _take(
    source: _Source, folder: Path, into: Path, *, site: bool, name: str, progress: Progress
) -> Used | None:
    """Put it into the store; None where it was there, and was removed at this moment."""
    target = into / source.manifest.id
    archived = source.digest if source.of == "the archive" else ""
    about = _summary(source.manifest, archived, name)
    content, mode = folder / "bundle", 0o644 if site else 0o600
    found = _identity(target)
    again = _is_there(target, source.manifest, progress)
    if again:
        source.check()
    else:
        content.mkdir(mode=0o700)
        source.put(content)
        about.write(content, mode=mode)
        if summary.read(content) is None:
            raise BundleTooLarge(into, "it lists more engines or toolchains than any needs")
        content.chmod(0o755 if site else 0o700)
        progress("writing it to the disk")
        staging.sync_all(content)
    with staging.locked(into):
        known = summary.read(target)
        # What it was called before, it is called still.
        about = replace(about, name=name or (known or about).name, used_at=_now(into))
        about = replace(about, sha256=about.sha256 or (known or about).sha256)
        # Somebody else may have been faster with the same one: what is there now is new then.
        faster = _identity(target) != found and _is_whole(target, source.manifest)
        if again and _identity(target) is None:
            return None
        again = again or faster
        about.write(target if again else content, mode=mode)
        if not again:
            staging.place(content, target)
    bundle = Bundle(about.id, target, site, about)
    return Used(bundle, again, source.digest, source.of, source.signer)


def _is_there(target: Path, manifest: Manifest, progress: Progress) -> bool:
    """Whether this very bundle is in the store, every byte of it."""
    return _is_whole(target, manifest) and not verify.problems(target, progress)


def _identity(target: Path) -> tuple[int, int] | None:
    """Which folder that is; None where there is none."""
    try:
        status = target.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_whole(target: Path, manifest: Manifest) -> bool:
    bundle = store.read(target, site=False)
    if bundle is None or store.distrust(bundle) or any(sizes.wrong(target)):
        return False
    return copying.manifest_bytes(target) == manifest.to_bytes()


def _summary(manifest: Manifest, archived: str, name: str) -> Summary:
    return Summary(
        id=manifest.id,
        name=name or manifest.name,
        sha256=archived,
        used_at=0.0,
        made_by=manifest.made_by,
        go_version=manifest.go_version,
        engines=tuple((one.name, one.pins) for one in manifest.engines),
        projects=tuple(one.module for one in manifest.projects)[:_LISTED],
        extras=manifest.extras[:_LISTED],
        toolchains=tuple((one.platform, one.go_version) for one in manifest.toolchains),
        modules=sum(bool(one.sum) for one in manifest.modules),
        files=len(manifest.files),
        size=manifest.size,
    )


def _now(into: Path) -> float:
    """The time, or just after the last use of any in the store: a clock may go back."""
    known = (summary.read(folder) for folder in store.folders(into))
    last = max((one.used_at for one in known if one), default=0.0)
    return max(time.time(), last + 0.001)


class _Hashing:
    """A stream that is hashed as it is read, and copied where that is wanted."""

    def __init__(
        self,
        stream: IO[bytes],
        place: Path,
        progress: Progress = silent,
        copy: IO[bytes] | None = None,
    ):
        self._stream = stream
        self._place = place
        self._copy = copy
        self._counted = Counted("hashing", os.fstat(stream.fileno()).st_size, progress)
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """As a stream's; raises BadBundle where it can't be read."""
        try:
            content = self._stream.read(size)
        except OSError as error:
            raise BadBundle(self._place, f"it can't be read ({error.strerror or error})") from error
        self.digest.update(content)
        if self._copy is not None:
            self._copy.write(content)
        self._counted.add(len(content))
        return content


def _hashed(stream: _Hashing) -> str:
    """Read the rest of it; the SHA-256 of all."""
    while stream.read(_CHUNK):
        pass
    return stream.digest.hexdigest()
