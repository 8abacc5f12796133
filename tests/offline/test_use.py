"""Using bundles: whole or not at all, where it was meant to, and nothing in between."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from go_kernel.findings import GoKernelError
from go_kernel.offline import fitting, staging
from go_kernel.offline import manifest as manifests
from go_kernel.offline.errors import (
    BadBundle,
    BundleTooLarge,
    BundleUnwritable,
    NoRoom,
    NotABundle,
)
from go_kernel.offline.manifest import Engine
from go_kernel.offline.pack import describe, pack
from go_kernel.offline.proof import NoProof, Proof, WrongHash
from go_kernel.offline.store import BundleStores, bundles
from go_kernel.offline.use import Used, use
from go_kernel.offline.writing import StoreUntrusted
from tests import unprivileged
from tests.health.test_static_places import mounted
from tests.offline import archives, bundling
from tests.offline.archives import Entry
from tests.offline.bundling import Made

ENV = {"PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A bundle, to be read only."""
    return bundling.make(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Another one."""
    return bundling.make(tmp_path_factory.mktemp("other"), version="v1.1.0")


@pytest.fixture
def stores(tmp_path: Path) -> BundleStores:
    """A user's store and a site's, neither of which is there yet."""
    return BundleStores(tmp_path / "user", (tmp_path / "site",))


def files(folder: Path) -> dict[str, bytes]:
    """The files below a folder by name, but for a store's own word on it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "bundle.json"
    }


def modes(folder: Path) -> set[tuple[bool, int]]:
    """Which modes there are below a folder, for folders and for files."""
    every = ((path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*"))
    return set(every)


def ids(stores: BundleStores) -> list[str]:
    """What kernels use."""
    found = bundles(stores)
    assert found.findings == ()
    return [bundle.id for bundle in found.bundles]


def assert_nothing_is_left(store: Path) -> None:
    """Nothing in a store but its lock."""
    there = sorted(path.name for path in store.iterdir()) if store.exists() else []
    assert there in ([], [".lock"])


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Another umask, for a while."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_what_is_used_is_what_was_made(made: Made, stores: BundleStores, kind: str) -> None:
    """Every file of it, programs as programs, and kernels find it by its summary."""
    used = use(getattr(made, kind), stores, ENV)

    (bundle,) = bundles(stores).bundles
    assert bundle == used.bundle
    assert bundle.id == made.manifest.id
    assert files(bundle.folder) == files(made.folder)
    ((_, _, goroot),) = bundle.toolchains
    assert os.access(goroot / "bin/go", os.X_OK)
    assert bundle.summary.sha256 == (made.sha256 if kind == "archive" else "")
    assert not used.again
    assert fitting.misfits(bundle) == []


def test_a_folder_is_copied_and_not_linked(
    made: Made, stores: BundleStores, tmp_path: Path
) -> None:
    """What happens to it later changes nothing of the bundle in the store."""
    folder = shutil.copytree(made.folder, tmp_path / "mine")
    used = use(folder, stores, ENV)

    (folder / "go.sum").write_text("altered")

    assert files(used.bundle.folder) == files(made.folder)


@pytest.mark.parametrize("mask", [0o077, 0o002, 0o000])
@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_a_site_reads_it_and_a_user_keeps_it_private(
    made: Made, stores: BundleStores, mask: int, kind: str
) -> None:
    """Whatever the umask: everybody reads the site's, nobody else the user's, none writes."""
    digest = made.sha256 if kind == "archive" else _manifest_hash(made)
    with umask(mask):
        site = use(getattr(made, kind), stores, ENV, site=True, proof=Proof(digest)).bundle
        own = use(getattr(made, kind), stores, ENV).bundle

    assert modes(site.folder) == {(True, 0o755), (False, 0o644), (False, 0o755)}
    for folder in (site.store, site.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    for folder in (own.store, own.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [bundle.site for bundle in bundles(stores).bundles] == [False, True]


def _manifest_hash(made: Made) -> str:
    import hashlib

    return hashlib.sha256(made.manifest.to_bytes()).hexdigest()


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_the_sites_store_takes_nothing_without_a_proof(
    made: Made, stores: BundleStores, kind: str
) -> None:
    """Both ways of proving it are named, and nothing is touched."""
    with pytest.raises(NoProof) as caught:
        use(getattr(made, kind), stores, ENV, site=True)

    assert "--sha256 HASH" in str(caught.value)
    assert "--signature" in str(caught.value)
    assert ("manifest.json" in str(caught.value)) is (kind == "folder")
    assert not stores.site[0].exists()


@pytest.mark.parametrize("site", [False, True])
@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_another_hash_is_refused(
    made: Made, other: Made, stores: BundleStores, kind: str, site: bool
) -> None:
    """Also where no proof is asked for; both hashes are in the sentence, nothing stays."""
    with pytest.raises(WrongHash, match=other.sha256) as caught:
        use(getattr(made, kind), stores, ENV, site=site, proof=Proof(other.sha256))

    found = made.sha256 if kind == "archive" else _manifest_hash(made)
    assert found in str(caught.value)
    assert_nothing_is_left(stores.site[0] if site else stores.user)


def test_using_it_again_puts_it_first(made: Made, other: Made, stores: BundleStores) -> None:
    """Nothing is unpacked twice, its name stays, and it is asked before the others."""
    first = use(made.archive, stores, ENV, name="course")
    use(other.archive, stores, ENV)
    assert ids(stores) == [other.manifest.id, made.manifest.id]
    inode = first.bundle.sums.stat().st_ino

    again = use(made.archive, stores, ENV)

    assert again.again
    assert again.bundle.name == "course"
    assert again.bundle.sums.stat().st_ino == inode
    assert ids(stores) == [made.manifest.id, other.manifest.id]


def test_using_it_again_mends_it(made: Made, stores: BundleStores) -> None:
    """A file that was changed meanwhile, its size kept, is the right one again."""
    used = use(made.archive, stores, ENV, name="course")
    path = used.bundle.proxy / "example.invalid/m/@v/v1.0.0.zip"
    path.write_bytes(bytes(path.stat().st_size))

    mended = use(made.archive, stores, ENV)

    assert not mended.again
    assert mended.bundle.name == "course"
    assert files(mended.bundle.folder) == files(made.folder)
    assert [path.name for path in stores.user.iterdir() if path.name != ".lock"] == [used.bundle.id]


def test_several_at_once_end_well(made: Made, stores: BundleStores) -> None:
    """One of them is first, the others find it there; nothing else stays."""
    together = threading.Barrier(4, timeout=60)
    met = threading.local()

    def progress(line: str) -> None:
        if line.startswith("unpacking") and not getattr(met, "done", False):
            met.done = True
            together.wait()  # all are unpacking at this moment

    def one(_: int) -> Used:
        return use(made.archive, stores, ENV, progress=progress)

    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(one, range(4)))

    assert sorted(one.again for one in used) == [False, True, True, True]
    assert ids(stores) == [made.manifest.id]
    assert sorted(path.name for path in stores.user.iterdir()) == [".lock", made.manifest.id]


# Uses a bundle, and stops for ever where progress says a word.
_STOPPING = """
import sys
from pathlib import Path
from go_kernel.offline.store import BundleStores
from go_kernel.offline.use import use

def progress(line):
    if line.startswith(sys.argv[3]):
        print(line, flush=True)
        sys.stdin.read()

use(Path(sys.argv[1]), BundleStores(Path(sys.argv[2]), ()), {}, progress=progress)
"""


@contextmanager
def stopped(place: Path, store: Path, word: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that uses a bundle and has come as far as `word`."""
    argv = [sys.executable, "-c", _STOPPING, str(place), str(store), word]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().startswith(word.encode())
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("kind", "word"),
    [("archive", "hashing"), ("archive", "unpacking"), ("archive", "writing"), ("folder", "copy")],
)
def test_who_is_killed_leaves_nothing_that_counts(
    made: Made, other: Made, stores: BundleStores, kind: str, word: str
) -> None:
    """kill -9 in the middle: kernels see nothing of it, the next use takes its remains away."""
    with stopped(getattr(made, kind), stores.user, word) as process:
        assert staging.leftovers(stores.user) == []
        process.kill()
        assert process.wait(60) == -signal.SIGKILL

    assert ids(stores) == []
    (left,) = staging.leftovers(stores.user)
    assert left.name.startswith(".new-")

    use(other.archive, stores, ENV)
    use(made.archive, stores, ENV)

    assert ids(stores) == [made.manifest.id, other.manifest.id]
    assert not left.exists()


def test_who_is_still_at_work_is_left_alone(made: Made, other: Made, stores: BundleStores) -> None:
    """Another use in the same store doesn't wait for it, and doesn't sweep it away."""
    with stopped(made.archive, stores.user, "unpacking") as process:
        use(other.archive, stores, ENV)
        assert staging.sweep(stores.user) == []
        process.communicate(timeout=60)  # its input ends, and it goes on
        assert process.returncode == 0

    assert ids(stores) == [made.manifest.id, other.manifest.id]


def test_one_killed_before_it_had_its_lock_goes_too(made: Made, stores: BundleStores) -> None:
    """A folder without a lock: whoever changes the store knows that nobody is at it."""
    stores.user.mkdir()
    early = stores.user / ".new-early"
    early.mkdir()
    assert staging.leftovers(stores.user) == []  # perhaps it is being made at this moment
    os.utime(early, (0, 0))
    assert staging.leftovers(stores.user) == [early]

    use(made.archive, stores, ENV)

    assert not early.exists()


def swap_by_name(made: Made, other: Made, place: Path) -> None:
    """Another file under its name."""
    shutil.copy(other.archive, place.with_name("new"))
    place.with_name("new").replace(place)


def swap_in_place(made: Made, other: Made, place: Path) -> None:
    """Another content in the same file."""
    place.write_bytes(other.archive.read_bytes())


def _swapping(
    swap: Callable[[Made, Made, Path], None], word: str, made: Made, other: Made, place: Path
) -> Callable[[str], None]:
    def progress(line: str) -> None:
        if line.startswith(word):
            swap(made, other, place)

    return progress


@pytest.mark.parametrize("word", ["hashing", "unpacking"])
def test_a_file_that_is_swapped_by_name_changes_nothing(
    made: Made, other: Made, stores: BundleStores, tmp_path: Path, word: str
) -> None:
    """What was hashed is what is unpacked: the file is opened once."""
    place = Path(shutil.copy(made.archive, tmp_path / "a.gokernel.tar.zst"))
    progress = _swapping(swap_by_name, word, made, other, place)

    use(place, stores, ENV, site=True, proof=Proof(made.sha256), progress=progress)

    assert ids(stores) == [made.manifest.id]


def test_a_file_that_is_changed_in_place_is_refused(
    made: Made, other: Made, stores: BundleStores, tmp_path: Path
) -> None:
    """A bundle that is whole, and not the one that was proven, stays out."""
    place = Path(shutil.copy(made.archive, tmp_path / "a.gokernel.tar.zst"))
    progress = _swapping(swap_in_place, "hashing", made, other, place)

    with pytest.raises(BadBundle, match="changed while it was read"):
        use(place, stores, ENV, site=True, proof=Proof(made.sha256), progress=progress)

    assert_nothing_is_left(stores.site[0])


def altered(folder: Path) -> str:
    """Other content, of the same size."""
    path = folder / "go.sum"
    path.write_bytes(bytes(path.stat().st_size))
    return "go.sum: it was altered"


def truncated(folder: Path) -> str:
    """Less of it."""
    os.truncate(folder / "go.sum", 3)
    return "go.sum: it is truncated"


def longer(folder: Path) -> str:
    """More of it."""
    with (folder / "go.sum").open("a") as stream:
        stream.write("more")
    return "go.sum: it is larger"


def missing(folder: Path) -> str:
    """None of it."""
    (folder / "go.sum").unlink()
    return "go.sum: it can't be read"


def linked(folder: Path) -> str:
    """A link, even to the right content."""
    (folder / "go.sum").rename(folder / "elsewhere")
    (folder / "go.sum").symlink_to("elsewhere")
    return "go.sum: it can't be read .it is a link"


def piped(folder: Path) -> str:
    """What one could wait at for ever."""
    (folder / "go.sum").unlink()
    os.mkfifo(folder / "go.sum")
    return "go.sum: it is no plain file"


def without_manifest(folder: Path) -> str:
    """Just a folder."""
    (folder / "manifest.json").unlink()
    return "its manifest.json: it can't be read"


@pytest.mark.parametrize(
    "harm", [altered, truncated, longer, missing, linked, piped, without_manifest]
)
def test_a_folder_that_is_not_as_its_manifest_says_is_refused(
    made: Made, stores: BundleStores, tmp_path: Path, harm: Callable[[Path], str]
) -> None:
    """The file is named, and nothing of the others stays."""
    folder = shutil.copytree(made.folder, tmp_path / "mine")
    said = harm(folder)

    with pytest.raises(BadBundle, match=said):
        use(folder, stores, ENV)

    assert_nothing_is_left(stores.user)


def lying(made: Made, folder: Path, name: str, content: bytes) -> Path:
    """A copy of a bundle with another file, whose manifest names that one."""
    shutil.copytree(made.folder, folder)
    (folder / name).write_bytes(content)
    files = tuple(describe(folder, one.path) for one in made.manifest.files)
    (folder / "manifest.json").write_bytes(replace(made.manifest, files=files).to_bytes())
    return folder


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_a_go_sum_speaks_of_the_bundles_own_modules_alone(
    made: Made, stores: BundleStores, tmp_path: Path, kind: str
) -> None:
    """Who may say what a module must be could say it of any module in the world."""
    more = b"example.invalid/other v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    sums = (made.folder / "go.sum").read_bytes() + more
    place = folder = lying(made, tmp_path / "lying", "go.sum", sums)
    if kind == "archive":
        place = tmp_path / "lying.tar.zst"
        pack(folder, manifests.read(folder), place)

    with pytest.raises(BadBundle, match=r"go\.sum: content .it doesn't hold the hashes of just"):
        use(place, stores, ENV)

    assert_nothing_is_left(stores.user)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("proxy/example.invalid/m/@v/v1.0.0.zip", b"PK", "v1.0.0.zip: hash"),
        ("proxy/example.invalid/m/@v/list", b"v1.0.0\nv9.9.9\n", "list: content"),
    ],
)
def test_a_folder_is_looked_at_as_an_archive_is(
    made: Made, stores: BundleStores, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    """By Go's own hashes, and by what lists say, too."""
    folder = lying(made, tmp_path / "lying", name, content)

    with pytest.raises(BadBundle, match=said):
        use(folder, stores, ENV)

    assert_nothing_is_left(stores.user)


def test_the_manifest_that_counts_is_the_one_that_was_proven(
    made: Made, other: Made, stores: BundleStores, tmp_path: Path
) -> None:
    """A file that becomes, behind its hash, a bundle that is here already gets no proof for it."""
    place = Path(shutil.copy(made.archive, tmp_path / "a.gokernel.tar.zst"))
    use(other.archive, stores, ENV, site=True, proof=Proof(other.sha256))
    before = bundles(stores)
    progress = _swapping(swap_in_place, "hashing", made, other, place)

    with pytest.raises(BadBundle, match="changed while it was read"):
        use(place, stores, ENV, site=True, proof=Proof(made.sha256), progress=progress)

    assert bundles(stores) == before


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_what_is_broken_is_refused_also_where_that_bundle_is_here(
    made: Made, stores: BundleStores, tmp_path: Path, kind: str
) -> None:
    """Its manifest is the right one; nothing that was known changes."""
    use(made.archive, stores, ENV, name="course")
    folder = Path(shutil.copytree(made.folder, tmp_path / "mine"))
    (folder / "go.sum").write_bytes(bytes((folder / "go.sum").stat().st_size))
    place = folder
    if kind == "archive":
        place = tmp_path / "broken.tar.zst"

        def broken(found: list[Entry]) -> list[Entry]:
            return [*found, Entry("proxy/../../evil", b"x")]

        place.write_bytes(archives.archive(made, broken))

    with pytest.raises(BadBundle, match=r"go\.sum|evil"):
        use(place, stores, ENV)

    assert bundles(stores).bundles[0].summary.sha256 == made.sha256


def test_what_came_as_a_folder_again_came_as_an_archive_before(
    made: Made, stores: BundleStores, tmp_path: Path
) -> None:
    """A folder without the modes (as FAT keeps none) is fine, and the archive's hash stays."""
    use(made.archive, stores, ENV)
    folder = Path(shutil.copytree(made.folder, tmp_path / "mine"))
    for path in folder.rglob("*"):
        path.chmod(0o755)

    again = use(folder, stores, ENV)

    assert again.again
    assert again.bundle.summary.sha256 == made.sha256


def test_a_manifest_that_lists_very_much_is_used_all_the_same(
    made: Made, stores: BundleStores, tmp_path: Path
) -> None:
    """A summary keeps the first of it: each launch reads that."""
    extras = tuple(f"example.invalid/m{number:05}@v1.0.0" for number in range(14_000))
    place = tmp_path / "much.tar.zst"
    place.write_bytes(archives.lying(made, extras=extras))

    used = use(place, stores, ENV)

    assert ids(stores) == [used.bundle.id]
    assert used.bundle.summary.extras == extras[:200]


def test_one_that_no_launch_could_read_is_refused(
    made: Made, stores: BundleStores, tmp_path: Path
) -> None:
    """Before it is said to be here."""
    engines = tuple(Engine(f"engine-{number}", "0" * 64) for number in range(2_000))
    place = tmp_path / "much.tar.zst"
    place.write_bytes(archives.lying(made, engines=engines))

    with pytest.raises(BundleTooLarge, match="more engines"):
        use(place, stores, ENV)

    assert_nothing_is_left(stores.user)


def test_a_link_among_what_the_dead_left_goes_too(made: Made, stores: BundleStores) -> None:
    """And not what it points at."""
    use(made.archive, stores, ENV)
    (stores.user / ".new-link").symlink_to(made.folder)

    assert staging.sweep(stores.user) == [stores.user / ".new-link"]

    assert (made.folder / "go.sum").exists()


@pytest.mark.parametrize("what", ["nothing", "pipe", "text", "cut"])
def test_what_is_no_bundle_is_refused(
    made: Made, stores: BundleStores, tmp_path: Path, what: str
) -> None:
    """One sentence that names it; nothing stays."""
    place = tmp_path / "place"
    if what == "pipe":
        os.mkfifo(place)
    elif what == "text":
        place.write_text("hello")
    elif what == "cut":
        place.write_bytes(made.archive.read_bytes()[:-40])

    with pytest.raises(BadBundle, match=str(place)):
        use(place, stores, ENV)

    assert_nothing_is_left(stores.user)


def test_a_store_that_others_write_takes_nothing(made: Made, stores: BundleStores) -> None:
    """Kernels wouldn't use what is in it, so it is refused before anything is unpacked."""
    stores.user.mkdir()
    stores.user.chmod(0o777)

    with pytest.raises(StoreUntrusted, match="writable by everybody"):
        use(made.archive, stores, ENV)

    assert list(stores.user.iterdir()) == []


def test_a_store_that_is_a_file_is_told(made: Made, stores: BundleStores) -> None:
    """A sentence that names it."""
    stores.user.write_text("x")

    with pytest.raises(BundleUnwritable, match=f"{stores.user} can't be written"):
        use(made.archive, stores, ENV)


_UNPRIVILEGED = """
from pathlib import Path
from go_kernel.findings import GoKernelError
from go_kernel.offline.proof import Proof
from go_kernel.offline.store import BundleStores, bundles
from go_kernel.offline import unpack, verify
from go_kernel.offline.use import use
import zstandard
drop()
place, own, site, digest = sys.argv[1:]
stores = BundleStores(Path(own), (Path(site),))
told = []
for chosen in (True, False):
    try:
        use(Path(place), stores, {}, site=chosen, proof=Proof(digest))
        told.append("")
    except GoKernelError as error:
        told.append(f"{error.id}: {error}")
print(json.dumps([told, len(bundles(stores).bundles)]))
"""


def test_a_user_without_rights_has_their_own_store(made: Made) -> None:
    """The site's is for its administrator, whatever the proof; their own works."""
    with unprivileged.open_folder() as folder:
        place = Path(shutil.copy(made.archive, folder / "a.gokernel.tar.zst"))
        place.chmod(0o644)
        home, site = folder / "home", folder / "site"
        home.mkdir()
        site.mkdir()
        if os.geteuid() == 0:
            os.chown(home, unprivileged.NOBODY, unprivileged.NOBODY)
        else:
            site.chmod(0o555)
        told, count = unprivileged.run(_UNPRIVILEGED, place, home / "bundles", site, made.sha256)

    assert told[0].startswith("bundle.site-unwritable: The site's bundles in")
    assert told[1] == ""
    assert count == 1


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ("size=1m,mode=700", NoRoom, r"needs 3 MB in .*, and there are 1 MB free"),
        # Room there is, by what the file system says, and still it ends in the middle.
        ("size=9m,nr_inodes=14,mode=700", BundleUnwritable, "No space left on device"),
    ],
)
def test_a_full_disk_leaves_nothing(
    tmp_path: Path, options: str, error: type[GoKernelError], said: str
) -> None:
    """Before it begins where that can be told, else in the middle: a sentence, no remains."""
    heavy = bundling.make(tmp_path, weight=3_000_000)
    with mounted(tmp_path / "store", options) as store:
        with pytest.raises(error, match=said):
            use(heavy.archive, BundleStores(store, ()), ENV)

        assert_nothing_is_left(store)


def test_no_room_names_both_sizes() -> None:
    """In megabytes, as people count, or less."""
    error: GoKernelError = NoRoom("/store", 3_000_000, 40_000)
    assert "needs 3 MB in /store, and there are 40 kB free" in str(error)


def test_what_does_not_fit_this_machine_is_told(stores: BundleStores, tmp_path: Path) -> None:
    """Engines of another version, a Go for another system: a warning each, and it is used."""
    foreign = bundling.make(tmp_path, engine_pins="0" * 64, platform="plan9-mips")

    used = use(foreign.archive, stores, ENV)

    engines, toolchain = fitting.misfits(used.bundle)
    assert "gophernotes" in engines.summary
    assert f"is for plan9-mips, and this machine is {bundling.PLATFORM}" in toolchain.summary
    assert all(one.remedy for one in (engines, toolchain))
    assert ids(stores) == [foreign.manifest.id]


def test_not_a_bundle_is_said_of_an_empty_folder(stores: BundleStores, tmp_path: Path) -> None:
    """With what to name instead."""
    with pytest.raises(NotABundle, match="bundle create"):
        use(tmp_path, stores, ENV)


def test_nothing_is_made_where_others_could_lead_it(made: Made, tmp_path: Path) -> None:
    """Root with somebody's HOME would make folders wherever that person's links lead."""
    above = tmp_path / "above"
    above.mkdir()
    above.chmod(0o777)
    stores = BundleStores(above / "share" / "bundles", ())

    with pytest.raises(StoreUntrusted, match=f"below {above}, which is writable by everybody"):
        use(made.archive, stores, ENV)

    assert not list(above.iterdir())
