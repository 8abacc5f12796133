"""Where a bundle comes from: signatures by ssh-keygen, and by whom they count."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from go_kernel.offline import proof
from go_kernel.offline.proof import (
    NAMESPACE,
    BadSignature,
    BadSigners,
    NoSshKeygen,
    Proof,
    StrangeSshKeygen,
    WrongHash,
)
from go_kernel.offline.store import BundleStores, bundles
from go_kernel.offline.use import use
from tests import unprivileged
from tests.offline import bundling
from tests.offline.bundling import Made

ENV = {"PATH": os.environ["PATH"]}

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH isn't here")


@dataclass(frozen=True)
class Signed:
    """A bundle with its signatures, and files of those who may sign."""

    made: Made
    folder: Path

    @property
    def signature(self) -> Path:
        """Of the archive."""
        return self.made.archive.with_name(self.made.archive.name + ".sig")

    @property
    def signers(self) -> Path:
        """Who may sign: the one who did."""
        return self.folder / "signers"

    def sign(self, path: Path, *, key: str = "key", namespace: str = NAMESPACE) -> Path:
        """Sign a file; the signature."""
        made = path.with_name(path.name + ".sig")
        made.unlink(missing_ok=True)
        _keygen("-Y", "sign", "-n", namespace, "-f", str(self.folder / key), str(path))
        return made


def _keygen(*words: str) -> None:
    subprocess.run(["ssh-keygen", *words], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    """A bundle that teacher@example.invalid signed; to be read only."""
    folder = tmp_path_factory.mktemp("signed")
    for key in ("key", "stranger"):
        _keygen("-q", "-t", "ed25519", "-N", "", "-C", key, "-f", str(folder / key))
    public = (folder / "key.pub").read_text()
    (folder / "signers").write_text(f"# those who teach\nteacher@example.invalid {public}")
    (folder / "signers").chmod(0o644)
    one = Signed(bundling.make(folder), folder)
    one.sign(one.made.archive)
    one.sign(one.made.folder / "manifest.json")
    return one


@pytest.fixture
def stores(tmp_path: Path) -> BundleStores:
    """A user's store and a site's, neither of which is there yet."""
    return BundleStores(tmp_path / "user", (tmp_path / "site",))


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_a_signature_opens_the_sites_store(signed: Signed, stores: BundleStores, kind: str) -> None:
    """Of the archive, or of the folder's manifest; and who it was is told."""
    signature = signed.signature
    if kind == "folder":
        signature = signed.made.folder / "manifest.json.sig"
    given = Proof("", signature, signed.signers)

    used = use(getattr(signed.made, kind), stores, ENV, site=True, proof=given)

    assert used.signer == "teacher@example.invalid"
    assert [bundle.id for bundle in bundles(stores).bundles] == [signed.made.manifest.id]
    assert sorted(path.name for path in used.bundle.store.iterdir()) == [".lock", used.bundle.id]


def test_what_was_signed_is_what_is_unpacked(
    signed: Signed, stores: BundleStores, tmp_path: Path
) -> None:
    """Also where the file changes under the hands of who looks at it."""
    place = Path(shutil.copy(signed.made.archive, tmp_path / "a"))
    other = bundling.make(tmp_path, version="v1.1.0").archive.read_bytes()

    def swap(line: str) -> None:
        if line.startswith("hashing"):  # it is copied while it is hashed, and then looked at
            place.write_bytes(other)

    given = Proof("", signed.signature, signed.signers)
    use(place, stores, ENV, site=True, proof=given, progress=swap)

    assert place.read_bytes() == other
    assert [bundle.id for bundle in bundles(stores).bundles] == [signed.made.manifest.id]


def refused(signed: Signed, stores: BundleStores, given: Proof, words: str) -> None:
    """Hold that a proof is none, and that nothing stays of the try."""
    with pytest.raises(BadSignature, match=words):
        use(signed.made.archive, stores, ENV, site=True, proof=given)
    assert [path.name for path in stores.site[0].iterdir()] == [".lock"]


def test_a_strangers_signature_proves_nothing(
    signed: Signed, stores: BundleStores, tmp_path: Path
) -> None:
    """However well it is made."""
    copy = Path(shutil.copy(signed.made.archive, tmp_path / "a"))
    signature = signed.sign(copy, key="stranger")

    refused(signed, stores, Proof("", signature, signed.signers), "nobody in .*signers made it")


def test_a_signature_for_another_purpose_proves_nothing(
    signed: Signed, stores: BundleStores, tmp_path: Path
) -> None:
    """Somebody's signature of a Git commit, or a letter, must not open the store."""
    copy = Path(shutil.copy(signed.made.archive, tmp_path / "a"))
    signature = signed.sign(copy, namespace="git")

    refused(signed, stores, Proof("", signature, signed.signers), "for another purpose")


def test_a_signature_of_something_else_proves_nothing(
    signed: Signed, stores: BundleStores, tmp_path: Path
) -> None:
    """The signature of the folder's manifest is none of the archive's."""
    signature = signed.made.folder / "manifest.json.sig"

    refused(signed, stores, Proof("", signature, signed.signers), "of something else")


@pytest.mark.parametrize("content", [None, "", "no signature"])
def test_what_is_no_signature_proves_nothing(
    signed: Signed, stores: BundleStores, tmp_path: Path, content: str | None
) -> None:
    """Missing, empty, or something else."""
    signature = tmp_path / "a.sig"
    if content is not None:
        signature.write_text(content)

    refused(signed, stores, Proof("", signature, signed.signers), "proves nothing")


def test_hash_and_signature_must_both_be_right(signed: Signed, stores: BundleStores) -> None:
    """One that is right makes nothing good of one that is wrong."""
    given = Proof("0" * 64, signed.signature, signed.signers)

    with pytest.raises(WrongHash):
        use(signed.made.archive, stores, ENV, site=True, proof=given)


@pytest.mark.parametrize("opened", ["file", "folder"])
def test_signers_that_others_can_write_are_not_believed(
    signed: Signed, stores: BundleStores, tmp_path: Path, opened: str
) -> None:
    """Whoever may add a line may sign everything; so for the folders above."""
    folder = tmp_path / "etc"
    folder.mkdir()
    signers = Path(shutil.copy(signed.signers, folder / "signers"))
    path = signers if opened == "file" else folder
    path.chmod(path.stat().st_mode | 0o022)

    with pytest.raises(BadSigners, match=f"{path} is writable by everybody"):
        use(
            signed.made.archive,
            stores,
            ENV,
            site=True,
            proof=Proof("", signed.signature, signers),
        )


def test_the_sites_own_signers_are_roots(
    signed: Signed, stores: BundleStores, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without --signers it is one file, which may be nobody's but root's."""
    signers = Path(shutil.copy(signed.signers, tmp_path / "bundle-signers"))
    if os.geteuid() == 0:
        os.chown(signers, unprivileged.NOBODY, -1)
    monkeypatch.setattr(proof, "SIGNERS", signers)

    with pytest.raises(BadSigners, match="belongs to user"):
        use(signed.made.archive, stores, ENV, site=True, proof=Proof("", signed.signature))


def test_missing_signers_are_told_how_to_make(
    signed: Signed, stores: BundleStores, tmp_path: Path
) -> None:
    """The file is named, and what has to stand in it."""
    with pytest.raises(BadSigners, match="a name, a public key"):
        use(
            signed.made.archive,
            stores,
            ENV,
            proof=Proof("", signed.signature, tmp_path / "none"),
        )


def test_without_ssh_keygen_it_is_told(signed: Signed, stores: BundleStores) -> None:
    """And what proves it without."""
    given = Proof("", signed.signature, signed.signers)

    with pytest.raises(NoSshKeygen, match="--sha256"):
        use(signed.made.archive, stores, {"PATH": "/nonexistent"}, proof=given)


def planted(folder: Path) -> Path:
    """A folder that everybody may write, with an ssh-keygen that says yes to all; the folder."""
    folder.mkdir()
    program = folder / "ssh-keygen"
    program.write_text("#!/bin/sh\necho anyone\n")
    program.chmod(0o755)
    folder.chmod(0o777)
    return folder


def test_a_planted_ssh_keygen_is_no_judge(
    signed: Signed, stores: BundleStores, tmp_path: Path
) -> None:
    """Whoever may write it, or a folder above, could let it say anything."""
    folder = planted(tmp_path / "bin")
    copy = Path(shutil.copy(signed.made.archive, tmp_path / "a"))
    given = Proof("", signed.sign(copy, key="stranger"), signed.signers)

    with pytest.raises(StrangeSshKeygen, match=f"{folder} is writable by everybody"):
        use(copy, stores, {"PATH": f"{folder}:relative"}, site=True, proof=given)
    # Behind it is one that is believed.
    with pytest.raises(BadSignature, match="nobody in"):
        use(copy, stores, {"PATH": f"{folder}:{ENV['PATH']}"}, site=True, proof=given)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away")
def test_an_ssh_keygen_of_somebody_else_is_no_judge(
    signed: Signed, stores: BundleStores, tmp_path: Path
) -> None:
    """Whatever its mode."""
    folder = planted(tmp_path / "bin")
    folder.chmod(0o755)
    os.chown(folder / "ssh-keygen", unprivileged.NOBODY, -1)
    given = Proof("", signed.signature, signed.signers)

    with pytest.raises(StrangeSshKeygen, match="ssh-keygen belongs to user"):
        use(signed.made.archive, stores, {"PATH": str(folder)}, proof=given)
