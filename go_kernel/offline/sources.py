"""What a bundle is taken from, an archive or a folder: what is proven is what is unpacked.

An archive is one open file, hashed before and while it is unpacked, and its manifest comes
from the bytes that were hashed before; one that is signed is copied first to where nobody
else can write.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from go_kernel.offline import copying, paths, verify_archive
from go_kernel.offline import manifest as manifests
from go_kernel.offline.archive import Archive, Limits
from go_kernel.offline.errors import BadBundle
from go_kernel.offline.faults import refuse
from go_kernel.offline.hashing import Hashing, rest_of
from go_kernel.offline.manifest import Manifest
from go_kernel.offline.progress import Progress
from go_kernel.offline.proof import Proof
from go_kernel.offline.unpack import unpack


@dataclass(frozen=True)
class Source:
    """What comes in: its manifest, its hash, who signed it, and how it is put into a folder.

    `check` looks at what isn't put anywhere, since the bundle is here already.
    """

    manifest: Manifest
    digest: str
    of: str
    signer: str
    put: Callable[[Path], None]
    check: Callable[[], None]


def archive(
    place: Path,
    stage: Path,
    proof: Proof,
    env: Mapping[str, str],
    progress: Progress,
    held: ExitStack,
) -> Source:
    """An archive, read from one open file; `stage` is a folder of ours for copies of it.

    Raises BundleError, and OSError.
    """
    # A link to an archive is fine: what is opened once is what is read throughout.
    stream = held.enter_context(copying.open_plain(Path(os.path.realpath(place)), place))
    signer = ""
    if proof.signature:
        copy = stage / "archive"
        copying.room_for(os.fstat(stream.fileno()).st_size, stage)
        with copy.open("xb") as target:
            rest_of(Hashing(stream, place, progress, target))
        signer = proof.check_signature(copy, env, place)
        stream = held.enter_context(copy.open("rb"))
    manifest, digest = _proven(stream, place, proof, progress)

    @contextmanager
    def again() -> Iterator[IO[bytes]]:
        stream.seek(0)
        hashing = Hashing(stream, place)
        yield cast("IO[bytes]", hashing)
        if hashing.digest.hexdigest() != digest:
            raise BadBundle(place, "it changed while it was read")

    def put(into: Path) -> None:
        with again() as content:
            unpack(content, into, progress=progress, place=place)

    def check() -> None:
        with again() as content:
            refuse(verify_archive.problems(Archive(content, Limits(), place), progress), place)

    return Source(manifest, digest, "the archive", signer, put, check)


def _proven(
    stream: IO[bytes], place: Path, proof: Proof, progress: Progress
) -> tuple[Manifest, str]:
    """The manifest of an archive and its hash, which is the one that was told.

    Both are of the same bytes: the file may become another one between two looks at it.
    """
    hashing = Hashing(stream, place, progress)
    failure = None
    try:
        manifest = Archive(cast("IO[bytes]", hashing), Limits(), place).manifest
    except BadBundle as error:
        failure = error
    digest = rest_of(hashing)
    proof.check_hash(digest, "the archive", place)
    if failure:
        raise failure
    return manifest, digest


def folder(
    place: Path,
    stage: Path,
    proof: Proof,
    env: Mapping[str, str],
    progress: Progress,
    held: ExitStack,
) -> Source:
    """A folder; its manifest's SHA-256 stands for all of it.  Raises BundleError, and OSError."""
    content = copying.manifest_bytes(place)
    digest, of = hashlib.sha256(content).hexdigest(), f"its {paths.MANIFEST}"
    signer = ""
    if proof.signature:
        copy = stage / "manifest"
        copy.write_bytes(content)
        signer = proof.check_signature(copy, env, place)
    proof.check_hash(digest, of, place)
    manifest = manifests.parse(content, place)

    def put(into: Path) -> None:
        copying.copy(place, manifest, into, progress=progress)

    def check() -> None:
        refuse(copying.problems(place, manifest, progress), place)

    return Source(manifest, digest, of, signer, put, check)
