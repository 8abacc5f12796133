"""Stores: who is believed, in which order, and what goes when it is time to go."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from go_kernel.engines import manifest
from go_kernel.engines.errors import StoreUntrusted
from go_kernel.engines.manifest import Manifest
from go_kernel.engines.store import SITE_STORES, Stores

KEY = "gophernotes-go1.26.6-" + "0" * 32
OTHER = "gophernotes-go1.27.3-" + "1" * 32


def put(store: Path, key: str = KEY) -> Path:
    """A build in a store; its folder."""
    folder = store / key
    (folder / "bin").mkdir(parents=True)
    (folder / "exports").mkdir()
    (folder / "bin" / "gophernotes").write_bytes(b"program")
    Manifest(
        key=key,
        engine="gophernotes",
        go_version="1.26.6",
        goroot="/go",
        go_sha256="a" * 64,
        platform="linux/amd64",
        cgo=True,
        flags=("-trimpath",),
        modules={"a.b/c": "v1.0.0"},
        sources_digest="b" * 64,
        executable="bin/gophernotes",
        std_exports="exports",
        size=7,
        sha256="eb6ff34ed6d3ad2dd2b5a4b5b4a4f0b5ee41e3b2ff5d2d0c4cbf2b6a6f3c9bde",
        built_at="2026-01-01T00:00:00+00:00",
        seconds=1.0,
        made_by="test",
    ).write(folder)
    for path in (store, folder, *folder.rglob("*")):
        path.chmod(0o755)
    return folder


@pytest.fixture
def both(tmp_path: Path) -> Stores:
    """A site store and a user's store, empty."""
    return Stores((tmp_path / "site",), tmp_path / "user")


def test_a_build_is_found_with_all_that_a_launch_needs(both: Stores) -> None:
    """Command line, program and variables point into the build's folder."""
    folder = put(both.user)

    build = both.find(KEY)

    assert build is not None
    assert build.argv("/run/k.json") == [str(folder / "bin/gophernotes"), "/run/k.json"]
    assert build.variables == {"GOKERNEL_STD_EXPORTS": str(folder / "exports")}
    assert build.manifest.flags == ("-trimpath",)


def test_site_stores_come_first(both: Stores) -> None:
    """What the administrator built is used before what the user built."""
    put(both.user)
    folder = put(both.site[0])

    build = both.find(KEY)

    assert build is not None
    assert build.folder == folder


@pytest.mark.parametrize("key", ["", "..", "../x", "/etc", KEY + "/", KEY + "\n", "nonsense"])
def test_what_is_no_key_is_not_looked_for(both: Stores, key: str) -> None:
    """A key never leads out of a store."""
    assert both.find(key) is None


@pytest.mark.parametrize("inside", ["", KEY, f"{KEY}/bin", f"{KEY}/bin/gophernotes"])
def test_what_others_could_write_is_not_run(both: Stores, inside: str) -> None:
    """A store, a build's folder or a program that everybody may write is refused."""
    put(both.user)
    path = both.user / inside
    path.chmod(0o777)

    with pytest.raises(StoreUntrusted, match=r"is writable by everybody.*chmod -R go-w") as caught:
        both.find(KEY)

    assert caught.value.path == path
    assert [finding.id for finding in both.findings()] == ["engine.store-untrusted"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_somebody_else_is_not_run(both: Stores) -> None:
    """A program of another user's is refused, whatever its mode."""
    folder = put(both.user)
    os.chown(folder / "bin/gophernotes", 12345, 12345)

    with pytest.raises(StoreUntrusted, match=r"belongs to user 12345.*to you or to root"):
        both.find(KEY)


def test_a_trusted_store_makes_up_for_an_untrusted_one(both: Stores) -> None:
    """A spoilt site store doesn't stop who has a build of his own."""
    put(both.site[0]).chmod(0o777)
    folder = put(both.user)

    build = both.find(KEY)

    assert build is not None
    assert build.folder == folder


def test_half_a_build_is_none(both: Stores) -> None:
    """A program cut short, one that is gone, a broken manifest, another key's folder."""
    folder = put(both.user)
    program = folder / "bin/gophernotes"

    program.write_bytes(b"prog")
    assert both.find(KEY) is None
    program.unlink()
    assert both.find(KEY) is None
    (folder / manifest.FILE).write_text("{")
    assert both.find(KEY) is None
    shutil.rmtree(folder)
    put(both.user, OTHER).rename(folder)
    assert both.find(KEY) is None
    assert both.builds() == []


@pytest.mark.parametrize(
    "content", ["[]", "null", '{"schema": 1}', '{"schema": 99}', '"x"', "\x00"]
)
def test_a_strange_manifest_is_no_manifest(both: Stores, content: str) -> None:
    """What isn't a manifest of this version doesn't make a build, and raises nothing."""
    (put(both.user) / manifest.FILE).write_text(content)

    assert both.find(KEY) is None


def test_a_manifest_can_not_name_a_program_elsewhere(both: Stores, tmp_path: Path) -> None:
    """The program is inside the build's folder, or there is no build."""
    folder = put(both.user)
    text = (folder / manifest.FILE).read_text()
    (tmp_path / "other").write_bytes(b"program")
    for path in (f"{tmp_path}/other", "../../other"):
        (folder / manifest.FILE).write_text(text.replace("bin/gophernotes", path))
        assert both.find(KEY) is None


def test_a_changed_program_is_noticed_when_looked_at(both: Stores) -> None:
    """`intact` reads the whole program and compares."""
    folder = put(both.user)
    build = both.find(KEY)
    assert build is not None

    (folder / "bin/gophernotes").write_bytes(b"PROGRAM")

    assert not build.intact()


def test_prune_removes_what_is_not_kept(both: Stores) -> None:
    """From the user's store only, and leftovers of crashed builds too."""
    put(both.user)
    put(both.user, OTHER)
    put(both.site[0], OTHER)
    crashed = both.user / f".building-{KEY}-abcd"
    (crashed / "src").mkdir(parents=True)
    (crashed / "src").chmod(0o500)
    (both.user / "unrelated").mkdir()
    (both.user / ".locks").mkdir()

    removed = both.prune({KEY})

    assert [build.key for build in removed] == [OTHER]
    assert [(b.key, b.folder.parent.name) for b in both.builds()] == [
        (OTHER, "site"),
        (KEY, "user"),
    ]
    assert not crashed.exists()
    assert (both.user / "unrelated").exists()


def test_prune_leaves_a_running_build_alone(both: Stores) -> None:
    """A folder whose builder holds the lock is not swept from under it."""
    making = both.user / f".building-{KEY}-abcd"
    making.mkdir(parents=True)
    (both.user / ".locks").mkdir()

    with both.lock(KEY, timeout=1):
        both.prune(set())
        assert making.exists()

    both.prune(set())
    assert not making.exists()


def test_prune_of_nothing(both: Stores) -> None:
    """A store that doesn't exist is empty, and isn't made by looking."""
    assert both.prune(set()) == []
    assert both.builds() == []
    assert both.findings() == []
    assert not both.user.exists()


@pytest.mark.parametrize(
    ("env", "site", "user"),
    [
        ({"HOME": "/h"}, SITE_STORES, "/h/.local/share/jupyter-gokernel/engines"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/d"}, SITE_STORES, "/d/jupyter-gokernel/engines"),
        (
            {"HOME": "/h", "GOKERNEL_STORE": "/s", "GOKERNEL_SITE_STORES": "/a:/b"},
            (Path("/a"), Path("/b")),
            "/s",
        ),
        (
            {"HOME": "/h", "GOKERNEL_STORE": "s", "GOKERNEL_SITE_STORES": "a::/b"},
            (Path("/b"),),
            "/h/.local/share/jupyter-gokernel/engines",
        ),
        (
            {"HOME": "/h", "GOKERNEL_SITE_STORES": ""},
            (),
            "/h/.local/share/jupyter-gokernel/engines",
        ),
    ],
)
@pytest.mark.skipif(os.uname().sysname != "Linux", reason="macOS has another data folder")
def test_where_the_stores_are(env: dict[str, str], site: tuple[Path, ...], user: str) -> None:
    """From the variables that are given, never from this process's own."""
    assert Stores.from_environment(env) == Stores(site, Path(user))
