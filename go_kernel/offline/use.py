"""Taking a bundle into a store, from where kernels use it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from go_kernel.files import is_folder
from go_kernel.offline import copying, sizes, sources, staging, store, summary, verify, writing
from go_kernel.offline.errors import BundleTooLarge, BundleUnwritable, NoRoom
from go_kernel.offline.manifest import Manifest
from go_kernel.offline.progress import Progress, silent
from go_kernel.offline.proof import NoProof, Proof
from go_kernel.offline.sources import Source
from go_kernel.offline.store import Bundle, BundleStores
from go_kernel.offline.summary import Summary

# Each launch reads them, and people look at the first ones.
_LISTED = 200


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
    into = writing.store_to_write(stores, site=site)
    try:
        writing.make(into, site=site)
        writing.check_way(into)  # what was missing could have come from somebody else since
        with ExitStack() as held:
            folder = held.enter_context(staging.staging(into))
            look = sources.folder if is_folder(place) else sources.archive
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


def _take(
    source: Source, folder: Path, into: Path, *, site: bool, name: str, progress: Progress
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
