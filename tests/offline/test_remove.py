"""Removing bundles: by id or name, all of those that were said or none."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from go_kernel.offline import staging
from go_kernel.offline.proof import Proof
from go_kernel.offline.remove import NoSuchBundle, SeveralBundles, remove
from go_kernel.offline.store import BundleStores, bundles
from go_kernel.offline.use import use
from go_kernel.offline.writing import SiteUnwritable
from tests import unprivileged
from tests.offline import bundling
from tests.offline.bundling import Made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Made]:
    """Two bundles, to be read only."""
    base = tmp_path_factory.mktemp("made")
    return bundling.make(base), bundling.make(base, version="v1.1.0")


@pytest.fixture
def stores(tmp_path: Path, made: tuple[Made, Made]) -> BundleStores:
    """Both in the user's store, the first is called `course`; that one in the site's, too."""
    both = BundleStores(tmp_path / "user", (tmp_path / "site",))
    one, two = made
    use(one.archive, both, {}, name="course")
    use(two.archive, both, {})
    use(one.archive, both, {}, site=True, proof=Proof(one.sha256))
    return both


def names(store: Path) -> list[str]:
    """What is in a store."""
    return sorted(path.name for path in store.iterdir())


@pytest.mark.parametrize("by", ["name", "id"])
def test_it_is_gone_from_the_store_that_was_meant(
    stores: BundleStores, made: tuple[Made, Made], by: str
) -> None:
    """The user's alone; the other and the site's stay."""
    one, two = made

    (gone,) = remove(stores, ["course" if by == "name" else one.manifest.id])

    assert (gone.id, gone.name, gone.size) == (one.manifest.id, "course", one.manifest.size)
    assert names(stores.user) == [".lock", two.manifest.id]
    assert names(stores.site[0]) == [".lock", one.manifest.id]


def test_the_sites_goes_by_site(stores: BundleStores, made: tuple[Made, Made]) -> None:
    """The user's own stays."""
    one, _ = made

    remove(stores, [one.manifest.id], site=True)

    assert names(stores.site[0]) == [".lock"]
    assert len(bundles(stores).bundles) == 2


def test_all_or_none(stores: BundleStores) -> None:
    """A word that fits nothing is told, with the nearest, and nothing is removed."""
    with pytest.raises(NoSuchBundle, match=r"'cours' in .*Did you mean course"):
        remove(stores, ["course", "cours"])

    assert len(bundles(stores).bundles) == 3


def test_the_same_said_twice_is_removed_once(stores: BundleStores, made: tuple[Made, Made]) -> None:
    """By its name and by its id."""
    assert len(remove(stores, ["course", made[0].manifest.id])) == 1


def test_one_that_is_only_in_the_other_store_is_told(
    stores: BundleStores, made: tuple[Made, Made]
) -> None:
    """With the flag that is missing, or too many."""
    one, two = made
    with pytest.raises(NoSuchBundle, match="leave out --site"):
        remove(stores, [two.manifest.id], site=True)
    remove(stores, [one.manifest.id])
    with pytest.raises(NoSuchBundle, match="say --site"):
        remove(stores, [one.manifest.id])


def test_a_name_of_several_is_told_with_their_ids(
    stores: BundleStores, made: tuple[Made, Made]
) -> None:
    """Two versions of a course may have one name; which one is meant has to be said."""
    one, two = made
    use(two.archive, stores, {}, name="course")

    with pytest.raises(SeveralBundles) as caught:
        remove(stores, ["course"])

    assert set(caught.value.ids) == {one.manifest.id, two.manifest.id}
    assert len(bundles(stores).bundles) == 3


def test_a_broken_one_can_be_removed(stores: BundleStores, made: tuple[Made, Made]) -> None:
    """One that kernels don't use for lack of a summary, by its id."""
    _, two = made
    (stores.user / two.manifest.id / "bundle.json").unlink()

    remove(stores, [two.manifest.id])

    assert bundles(stores).findings == ()


@pytest.mark.parametrize("word", ["..", ".lock", "/", "", "../user", "course/"])
def test_what_is_no_bundle_is_never_removed(stores: BundleStores, word: str) -> None:
    """A word is compared, never used as a path."""
    with pytest.raises(NoSuchBundle):
        remove(stores, [word])

    assert len(bundles(stores).bundles) == 3


# Removes a bundle, and dies when the first file of it is to go.
_KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from go_kernel.offline.remove import remove
from go_kernel.offline.store import BundleStores

shutil.rmtree = lambda *args, **more: os.kill(os.getpid(), signal.SIGKILL)
remove(BundleStores(Path(sys.argv[1]), ()), ["course"])
"""


def test_one_killed_at_it_leaves_nothing_that_counts(
    stores: BundleStores, made: tuple[Made, Made]
) -> None:
    """The bundle is gone as a whole; what is left of it goes with the next change."""
    one, two = made
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(stores.user)], timeout=60, check=False
    )

    assert done.returncode == -signal.SIGKILL
    found = bundles(BundleStores(stores.user, ()))
    assert ([bundle.id for bundle in found.bundles], found.findings) == ([two.manifest.id], ())
    assert len(staging.leftovers(stores.user)) == 1

    use(one.archive, stores, {})

    assert names(stores.user) == [".lock", *sorted([one.manifest.id, two.manifest.id])]


def test_without_any_store_it_is_told(tmp_path: Path) -> None:
    """Nothing is made for it."""
    with pytest.raises(NoSuchBundle, match="bundle list"):
        remove(BundleStores(tmp_path / "user", ()), ["course"])

    assert not (tmp_path / "user").exists()


_UNPRIVILEGED = """
from pathlib import Path
from go_kernel.findings import GoKernelError
from go_kernel.offline.store import BundleStores
from go_kernel.offline.remove import remove
drop()
try:
    remove(BundleStores(Path("/nonexistent"), (Path(sys.argv[1]),)), [sys.argv[2]], site=True)
except GoKernelError as error:
    print(json.dumps(error.id))
"""


def test_the_sites_is_its_administrators(made: tuple[Made, Made]) -> None:
    """Who may not write there is told so."""
    one, _ = made
    with unprivileged.open_folder() as folder:
        site = BundleStores(folder / "none", (folder / "site",))
        bundle = use(one.archive, site, {}, site=True, proof=Proof(one.sha256)).bundle
        bundle.store.chmod(0o555)

        said = unprivileged.run(_UNPRIVILEGED, bundle.store, bundle.id)

        assert said == SiteUnwritable.id
        assert bundle.folder.is_dir()
