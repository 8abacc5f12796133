"""Stores of bundles: which bundles kernels use, in which order, and whom they believe."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from go_kernel.files import write_json
from go_kernel.offline.store import SITE_STORES, BundleStores, bundles
from go_kernel.offline.summary import FILE, Summary
from tests import unprivileged

ABOUT = Summary(
    id="0" * 16,
    name="",
    sha256="a" * 64,
    used_at=1000.0,
    made_by="jupyter-gokernel 1.0",
    go_version="1.26.8",
    engines=(("gophernotes", "b" * 64),),
    projects=("example.invalid/project",),
    extras=("example.invalid/extra@v1.0.0",),
    toolchains=(("linux-amd64", "1.26.8"),),
    modules=2,
    files=6,
    size=1234,
)


def put(store: Path, number: int, *, used_at: float = 1000.0, name: str = "") -> Path:
    """A bundle in a store, of which only the summary is there; its folder."""
    about = replace(ABOUT, id=f"{number:016x}", used_at=used_at, name=name)
    folder = store / about.id
    folder.mkdir(parents=True)
    for path in (store, folder):
        path.chmod(0o755)
    about.write(folder)
    return folder


@pytest.fixture
def stores(tmp_path: Path) -> BundleStores:
    """A user's store and a site's, none of which is there yet."""
    return BundleStores(tmp_path / "user", (tmp_path / "site",))


def test_without_stores_there_is_nothing_to_say(stores: BundleStores) -> None:
    """Most machines have no bundle: no bundles, no findings, nothing made."""
    found = bundles(stores)

    assert (found.bundles, found.findings) == ((), ())
    assert not stores.user.exists()


def test_the_users_come_first_and_the_last_used_before_others(stores: BundleStores) -> None:
    """The order is that in which kernels ask the bundles."""
    put(stores.site[0], 1, used_at=5000)
    put(stores.user, 2, used_at=1000)
    put(stores.user, 3, used_at=2000, name="course")

    found = bundles(stores).bundles

    assert [bundle.title for bundle in found] == ["course", f"{2:016x}", f"{1:016x}"]
    assert [bundle.site for bundle in found] == [False, False, True]


def test_a_bundle_says_where_its_parts_are(stores: BundleStores) -> None:
    """Proxy, sums and toolchains point into its folder."""
    folder = put(stores.user, 7)

    (bundle,) = bundles(stores).bundles

    assert (bundle.proxy, bundle.sums) == (folder / "proxy", folder / "go.sum")
    assert bundle.toolchains == (
        ("linux-amd64", "1.26.8", folder / "toolchain" / "linux-amd64" / "go"),
    )
    assert bundle.summary == replace(ABOUT, id=folder.name)


@pytest.mark.parametrize("opened", ["store", "folder", "summary"])
def test_what_others_can_write_is_passed_over(stores: BundleStores, opened: str) -> None:
    """One that anybody could have written isn't used, and it is said which and why."""
    folder = put(stores.user, 1)
    path = {"store": stores.user, "folder": folder, "summary": folder / FILE}[opened]
    path.chmod(path.stat().st_mode | 0o002)

    found = bundles(stores)

    assert found.bundles == ()
    (finding,) = found.findings
    assert finding.id == "offline.untrusted"
    assert f"{path} is writable by everybody" in finding.summary


def test_one_of_a_later_version_says_so(stores: BundleStores) -> None:
    """Using it again with this version would not help."""
    folder = put(stores.user, 1)
    write_json(folder / FILE, {"schema": 2, "id": folder.name})

    (finding,) = bundles(stores).findings

    assert finding.id == "offline.newer"
    assert "later version" in finding.summary
    assert "Update" in str(finding.remedy)


@pytest.mark.parametrize("how", ["open", "owner", "link"])
def test_a_way_that_others_may_change_leads_to_no_store(
    stores: BundleStores, tmp_path: Path, how: str
) -> None:
    """Who may rename a folder above can put another in its place, also while kernels run."""
    if how != "open" and os.geteuid() != 0:
        pytest.skip("gives files away")
    above = tmp_path / "above"
    put(above / "site", 1)
    changed = above
    if how == "open":
        above.chmod(0o777)
    elif how == "owner":
        os.chown(above, unprivileged.NOBODY, -1)
    else:
        changed = tmp_path / "link"
        changed.symlink_to(above)
        os.chown(changed, unprivileged.NOBODY, -1, follow_symlinks=False)

    found = bundles(replace(stores, site=(changed / "site",)))

    assert found.bundles == ()
    (finding,) = found.findings
    assert finding.id == "offline.untrusted"
    assert f"because {changed} " in finding.summary
    assert "-R" not in str(finding.remedy)


def test_a_group_above_is_its_owners_choice(stores: BundleStores, tmp_path: Path) -> None:
    """Homes in images, and /usr/local in some distributions, are a group's to write."""
    above = tmp_path / "above"
    put(above / "site", 1)
    above.chmod(0o2775)

    assert len(bundles(replace(stores, site=(above / "site",))).bundles) == 1


@pytest.mark.parametrize("name", [".new-0123", "0123456789ABCDEF", "0" * 17, "README", ".locks"])
def test_only_folders_with_a_bundles_name_count(stores: BundleStores, name: str) -> None:
    """What is being made, and what somebody left there, is no bundle."""
    put(stores.user, 1).rename(stores.user / name)

    found = bundles(stores)

    assert (found.bundles, found.findings) == ((), ())


@pytest.mark.parametrize(
    "change",
    [
        {"id": "1" * 16},
        {"name": "../x"},
        {"name": "x\n"},
        {"used_at": float("nan")},
        {"used_at": True},
        {"modules": -1},
        {"engines": [["gophernotes"]]},
        {"engines": [{"0": "gophernotes", "1": ""}]},
        {"toolchains": [["../../x", "1.26.8"]]},
        {"toolchains": [["linux-amd64", "1.26.8/.."]]},
        {"extras": ["\x1b[2J"]},
        {"projects": [["x"]]},
        {"size": 10**400},
        {"more": 1},
    ],
)
def test_a_summary_that_is_not_ours_is_passed_over(
    stores: BundleStores, change: dict[str, object]
) -> None:
    """Whatever stands in it: the bundle isn't used, and it is said what to do."""
    folder = put(stores.user, 0)
    write_json(folder / FILE, {**asdict(ABOUT), **change})

    found = bundles(stores)

    assert found.bundles == ()
    assert [finding.id for finding in found.findings] == ["offline.broken"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"{}" + b" " * (2 << 20)])
def test_a_summary_that_is_none_is_passed_over(stores: BundleStores, content: bytes) -> None:
    """Cut, empty, huge or no JSON: the same."""
    (put(stores.user, 0) / FILE).write_bytes(content)

    assert [finding.id for finding in bundles(stores).findings] == ["offline.broken"]


def test_a_store_that_is_no_folder_is_told(stores: BundleStores) -> None:
    """A file in its place is said, and the others' bundles are used."""
    stores.user.write_text("x")
    put(stores.site[0], 1)

    found = bundles(stores)

    assert len(found.bundles) == 1
    assert [finding.id for finding in found.findings] == ["offline.unreadable"]


def test_stores_are_where_the_environment_says(tmp_path: Path) -> None:
    """Two variables; relative folders in them don't count."""
    env = {
        "HOME": str(tmp_path),
        "GOKERNEL_BUNDLES": "/b",
        "GOKERNEL_SITE_BUNDLES": os.pathsep.join(["/s", "relative", "/t"]),
    }
    assert BundleStores.from_environment(env) == BundleStores(Path("/b"), (Path("/s"), Path("/t")))
    plain = BundleStores.from_environment({"HOME": "/home/x"})
    assert plain.site == SITE_STORES
    assert plain.user.name == "bundles"


def test_the_sites_store_is_the_first_that_is_there(stores: BundleStores, tmp_path: Path) -> None:
    """Else the first that may be; none where the site has none."""
    second = tmp_path / "second"
    both = BundleStores(stores.user, (*stores.site, second))
    assert both.of_site() == stores.site[0]
    second.mkdir()
    assert both.of_site() == second
    assert BundleStores(stores.user, ()).of_site() is None


def test_a_summary_reads_as_it_was_written(stores: BundleStores) -> None:
    """Plain JSON, so that others' tools can read it too."""
    folder = put(stores.user, 1)

    assert json.loads((folder / FILE).read_text())["engines"] == [["gophernotes", "b" * 64]]


_UNPRIVILEGED = """
from pathlib import Path
from go_kernel.offline.store import BundleStores, bundles
drop()
found = bundles(BundleStores(Path(sys.argv[1]), ()))
print(json.dumps([len(found.bundles), [(one.id, one.summary) for one in found.findings]]))
"""


@pytest.mark.parametrize("closed", ["folder", "summary"])
def test_one_that_is_not_for_us_is_told(closed: str) -> None:
    """As root leaves it in somebody's own store, by sudo with their HOME."""
    with unprivileged.open_folder() as folder:
        place = put(folder / "user", 1)
        (place if closed == "folder" else place / FILE).chmod(0o000)

        count, told = unprivileged.run(_UNPRIVILEGED, folder / "user")

    assert count == 0
    assert told == [
        ["offline.unreadable", f"The bundle in {place} is not used: you may not read it."]
    ]
