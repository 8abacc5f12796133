"""What a Hub chose: an id, a prefix or a map of root's, and everything else refused."""

from __future__ import annotations

import json
import os
import shutil
import string
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from go_kernel import hub_choice, prepare
from go_kernel.config import KernelConfig
from go_kernel.engines.errors import EngineMissing
from go_kernel.findings import GoKernelError
from go_kernel.hub_choice import (
    ENVIRONMENT,
    ID,
    PREFIX,
    BadChoice,
    BadPlace,
    BadSiteMap,
    NotChosen,
    UnknownChoice,
)
from tests import prefixes, unprivileged

MAP = Path("jupyter-gokernel/environments.json")
FOLLOWS = KernelConfig("this server", from_hub=True)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can write what only root could")


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment, as far as it is looked at here."""
    return prefixes.prefix(tmp_path / "envs" / "go-1.26")


@pytest.fixture
def roots() -> Iterator[Path]:
    """A folder that only root can have written, as /etc is."""
    folder = Path(tempfile.mkdtemp(prefix="gokernel-test-", dir="/run"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def site_map(roots: Path, prefix: Path) -> Path:
    """A map as an administrator writes it, with one environment."""
    content = {"environments": {"go-1.26": {"prefix": str(prefix)}}}
    return prefixes.write(roots / MAP, json.dumps(content))


def in_map(site_map: Path, content: Any) -> Path:
    """The map with another content."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return prefixes.write(site_map, text)


def error(parent: dict[str, str], site_map: Path) -> GoKernelError:
    """What is raised: one sentence, on one line, and a remedy."""
    with pytest.raises(GoKernelError) as caught:
        hub_choice.target(parent, site_map)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_the_prefix_that_the_hub_names(prefix: Path, tmp_path: Path) -> None:
    """Where the Hub sees the file system, its word is all that is needed."""
    parent = {ENVIRONMENT: "go-1.26", PREFIX: str(prefix)}
    assert hub_choice.given(parent)
    found = hub_choice.target(parent, tmp_path / "no map")
    assert (found.name, found.prefix, found.goroot) == ("go-1.26", prefix, None)


def test_the_name_is_what_conda_calls_it(tmp_path: Path) -> None:
    """A root environment is called base and a pixi project by its folder, whatever the id."""
    root = prefixes.prefix(tmp_path / "miniforge3")
    pixi = prefixes.prefix(tmp_path / "project" / ".pixi" / "envs" / "default")
    env = {ENVIRONMENT: "stable", "MAMBA_ROOT_PREFIX": str(root)}
    assert hub_choice.target({**env, PREFIX: str(root)}).name == "base"
    assert hub_choice.target({**env, PREFIX: str(pixi)}).name == "project"


def test_not_on_a_hub(tmp_path: Path) -> None:
    """Without a Hub, and on one that chose nothing, the sentences differ and say what to do."""
    assert not hub_choice.given({ENVIRONMENT: ""})
    off = error({PREFIX: "/opt/go"}, tmp_path)
    on = error({"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", ENVIRONMENT: ""}, tmp_path)
    assert isinstance(off, NotChosen)
    assert isinstance(on, NotChosen)
    assert "was not started by a JupyterHub" in off.summary
    assert "chose no Go environment" in on.summary


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("opt/envs/go", "is no absolute path"),
        ("~/envs/go", "is no absolute path"),
        ("{tmp}/nowhere", "is no folder"),
        ("{tmp}/file", "is no folder"),
        ("{tmp}/\n", "is no folder"),
    ],
)
def test_prefixes_that_are_none(said: str, reason: str, tmp_path: Path) -> None:
    """A prefix that can't be used is named, with the environment."""
    (tmp_path / "file").touch()
    parent = {ENVIRONMENT: "go-1.26", PREFIX: said.format(tmp=tmp_path)}
    bad = error(parent, tmp_path)
    assert isinstance(bad, BadPlace)
    assert reason in bad.summary
    assert "'go-1.26'" in bad.summary


@given(said=st.text(min_size=1) | st.text(string.ascii_lowercase + "-._/0", min_size=1))
def test_hostile_ids(said: str) -> None:
    """Whatever isn't short and plain is no id: no path, no line break, no option."""
    parent = {ENVIRONMENT: said, PREFIX: "/"}
    plain = set(said) <= set(string.ascii_lowercase + string.digits + "._-")
    if plain and len(said) <= 63 and said[0].isalnum() and said[-1].isalnum():
        assert hub_choice.target(parent).place == Path("/")
    else:
        assert isinstance(error(parent, Path("/nowhere")), BadChoice)


@pytest.mark.parametrize("said", ["go\n", "../go", "Go", "-go", "go-", "a" * 64, "gö", "a b", "٣"])
def test_ids_that_look_good(said: str) -> None:
    """The near misses."""
    assert not ID.fullmatch(said)


def test_no_map() -> None:
    """A container whose image has no map: it is named."""
    missing = error({ENVIRONMENT: "go-1.26"}, Path("/nowhere", MAP))
    assert isinstance(missing, BadSiteMap)
    assert f"there is no /nowhere/{MAP}" in missing.summary


@as_root
def test_looked_up(site_map: Path, prefix: Path) -> None:
    """An id leads to its prefix; the map may say a name."""
    parent = {ENVIRONMENT: "go-1.26"}
    assert hub_choice.target(parent, site_map).name == prefix.name
    in_map(site_map, {"environments": {"go-1.26": {"prefix": str(prefix), "name": "Go stable"}}})
    found = hub_choice.target(parent, site_map)
    assert (found.name, found.prefix) == ("Go stable", prefix)


@as_root
def test_unknown_id(site_map: Path) -> None:
    """An id that the map doesn't have is named, and the map."""
    unknown = error({ENVIRONMENT: "go-1.27"}, site_map)
    assert isinstance(unknown, UnknownChoice)
    assert "'go-1.27'" in unknown.summary
    assert str(site_map) in unknown.summary


@as_root
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no JSON"),
        (b'{"environments": {"go', "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        ([], 'with "environments"'),
        ({"environments": ["go-1.26"]}, 'with "environments"'),
        ({"go-1.26": {"prefix": "/opt"}}, 'with "environments"'),
        ({"environments": {"go-1.26": "/opt/go"}}, "is no JSON object"),
        ({"environments": {"go-1.26": {}}}, "names no prefix"),
        ({"environments": {"go-1.26": {"prefix": 7}}}, "names no prefix"),
        ({"environments": {"go-1.26": {"prefix": ["/opt"]}}}, "names no prefix"),
        ({"environments": {"go-1.26": {"prefix": "opt"}}}, "is no absolute path"),
        ({"environments": {"go-1.26": {"prefix": "/x\0y"}}}, "is no folder"),
        ({"environments": {"go-1.26": {"prefix": "/x\ud800"}}}, "is no folder"),
        ({"environments": {"go-1.26": {"prefix": "/", "prefx": "/"}}}, "says 'prefx'"),
        ({"environments": {"go-1.26": {"prefix": "/", "name": "a\nb"}}}, "no printable text"),
        ({"environments": {"go-1.26": {"prefix": "/", "name": None}}}, "no printable text"),
    ],
)
def test_maps_that_are_none(site_map: Path, content: Any, reason: str) -> None:
    """Cut off, of another shape, with a typing error: each has its sentence."""
    assert reason in error({ENVIRONMENT: "go-1.26"}, in_map(site_map, content)).summary


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("prefix"), inner),
)


@as_root
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary()
    | JSON
    | st.fixed_dictionaries({"environments": JSON})
    | st.fixed_dictionaries({"environments": st.fixed_dictionaries({"go-1.26": JSON})})
)
def test_hostile_maps(site_map: Path, content: Any) -> None:
    """No map ends in anything but a target or one sentence."""
    in_map(site_map, content)
    refused = ""
    try:
        hub_choice.target({ENVIRONMENT: "go-1.26"}, site_map)
    except GoKernelError as error:
        refused = str(error)
    assert "\n" not in refused


def _writable_file(site_map: Path) -> Path:
    site_map.chmod(0o664)
    return site_map


def _writable_folder(site_map: Path) -> Path:
    site_map.parent.chmod(0o777)
    return site_map.parent


def _sticky_folder(site_map: Path) -> Path:
    site_map.parent.chmod(0o1777)
    return site_map.parent


def _writable_above(site_map: Path) -> Path:
    site_map.parent.parent.chmod(0o775)
    return site_map.parent.parent


def _anothers_file(site_map: Path) -> Path:
    os.chown(site_map, unprivileged.NOBODY, unprivileged.NOBODY)
    return site_map


def _anothers_folder(site_map: Path) -> Path:
    os.chown(site_map.parent, unprivileged.NOBODY, 0)
    return site_map.parent


def _anothers_link(site_map: Path) -> Path:
    site_map.rename(site_map.with_name("real.json"))
    site_map.symlink_to("real.json")
    os.lchown(site_map, unprivileged.NOBODY, 0)
    return site_map


def _link_through_anothers_folder(site_map: Path) -> Path:
    """Root's link to root's file, by way of a folder in which others may put another link."""
    shared = site_map.parent.parent / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    site_map.rename(site_map.with_name("real.json"))
    (shared / "link.json").symlink_to(site_map.with_name("real.json"))
    site_map.symlink_to("../shared/link.json")
    return shared


def _linked_folder(site_map: Path) -> Path:
    """A folder that is root's link into what somebody else may write."""
    home = site_map.parent.parent / "home"
    site_map.parent.rename(home)
    os.chown(home, unprivileged.NOBODY, 0)
    site_map.parent.symlink_to(home)
    return home


@as_root
@pytest.mark.parametrize(
    "spoil",
    [
        _writable_file,
        _writable_folder,
        _sticky_folder,
        _writable_above,
        _anothers_file,
        _anothers_folder,
        _anothers_link,
        _link_through_anothers_folder,
        _linked_folder,
    ],
)
def test_a_map_that_others_could_have_written(
    site_map: Path, spoil: Callable[[Path], Path]
) -> None:
    """It is refused, and the part that others may write is named."""
    parent = {ENVIRONMENT: "go-1.26"}
    hub_choice.target(parent, site_map)
    culprit = spoil(site_map)
    refused = error(parent, site_map)
    assert isinstance(refused, BadSiteMap)
    assert f"{culprit} " in refused.summary


@as_root
def test_links_of_roots_are_followed(site_map: Path, prefix: Path) -> None:
    """As Kubernetes lays out a mounted map: a link to a link to a folder with a date."""
    folder = site_map.parent
    (folder / "..2026").mkdir()
    site_map.rename(folder / "..2026" / site_map.name)
    (folder / "..data").symlink_to("..2026")
    site_map.symlink_to(f"..data/{site_map.name}")
    assert hub_choice.target({ENVIRONMENT: "go-1.26"}, site_map).prefix == prefix


@as_root
@pytest.mark.parametrize("kind", ["loop", "folder", "pipe", "dangling"])
def test_what_is_no_file(site_map: Path, kind: str) -> None:
    """Links in a circle, a folder, a pipe that nobody writes: a sentence at once."""
    site_map.unlink()
    match kind:
        case "loop":
            site_map.symlink_to(site_map.name)
        case "folder":
            site_map.mkdir()
        case "pipe":
            os.mkfifo(site_map)
        case _:
            site_map.symlink_to("gone")
    assert isinstance(error({ENVIRONMENT: "go-1.26"}, site_map), BadSiteMap)


def test_nobodys_map(tmp_path: Path) -> None:
    """Without rights as with them: what the user could have written is not believed."""
    with unprivileged.open_folder() as folder:
        folder.chmod(0o777)
        said = unprivileged.run(
            "from pathlib import Path\n"
            "from go_kernel import hub_choice\n"
            "drop()\n"
            "file = Path(sys.argv[1], 'environments.json')\n"
            "file.write_text(json.dumps({'environments': {'go': {'prefix': '/'}}}))\n"
            "try:\n"
            "    print(json.dumps(hub_choice.target({hub_choice.ENVIRONMENT: 'go'}, file).name))\n"
            "except hub_choice.BadSiteMap as error:\n"
            "    print(json.dumps(str(error)))\n",
            folder,
        )
    assert "only root may be able to write" in said


@as_root
def test_a_closed_map(site_map: Path) -> None:
    """A map that the user's server may not read is said to be that."""
    site_map.chmod(0o600)
    said = unprivileged.run(
        "from pathlib import Path\n"
        "from go_kernel import hub_choice\n"
        "drop()\n"
        "try:\n"
        "    hub_choice.target({hub_choice.ENVIRONMENT: 'go-1.26'}, Path(sys.argv[1]))\n"
        "except hub_choice.BadSiteMap as error:\n"
        "    print(json.dumps(str(error)))\n",
        site_map,
    )
    assert "can't be read (Permission denied)" in said


def test_settled(prefix: Path) -> None:
    """A configuration gets place and name, once; one with a place of its own keeps that."""
    parent = {ENVIRONMENT: "go-1.26", PREFIX: str(prefix)}
    own = KernelConfig("own", prefix="/envs/own")
    assert hub_choice.settled(own, parent) is own
    found = hub_choice.settled(FOLLOWS, parent)
    assert found == KernelConfig("go-1.26", prefix=str(prefix), from_hub=True)
    assert hub_choice.settled(found, {}) is found
    with pytest.raises(NotChosen):
        hub_choice.settled(FOLLOWS, {})


def refused(prefix: Path, env: dict[str, str]) -> EngineMissing:
    """What a launch that may not build says of a kernel that follows the Hub."""
    server = {
        **env,
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
        ENVIRONMENT: "stable",
        PREFIX: str(prefix),
    }
    with pytest.raises(EngineMissing) as caught:
        prepare.prepare(FOLLOWS, server, limits=prepare.Limits(build_at_launch=False))
    return caught.value


def test_the_missing_engine_is_the_administrators(tmp_path: Path) -> None:
    """The command that is named builds into the site's store, which everybody can read then."""
    prefix, store = prefixes.go_prefix(tmp_path / "it's go"), tmp_path / "the site's" / "engines"
    # In its place: what a build does to a store that isn't there yet.
    prefixes.program(
        tmp_path / "bin" / "jupyter",
        '#!/bin/sh\nmkdir -p "${GOKERNEL_STORE%/*}"; mkdir -m 700 "$GOKERNEL_STORE"\n'
        'for word in "$@"; do echo "$word"; done\n',
    )
    env = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin:/usr/bin:/bin"}

    error = refused(prefix, {**env, "GOKERNEL_SITE_STORES": f"{store}:/elsewhere"})

    assert "Ask the administrator to run: `GOKERNEL_STORE=" in str(error)
    assert error.remedy
    [command] = error.remedy.commands
    words = subprocess.run(["sh", "-c", command], env=env, capture_output=True, text=True).stdout
    said = ["gokernel", "engine", "build", "--engine", "gophernotes", "--env", str(prefix)]
    assert words.splitlines() == said
    assert store.stat().st_mode & 0o777 == 0o755


def test_which_store_is_the_sites(tmp_path: Path) -> None:
    """The first that is there; where none is, the first that servers look into; none: one's own."""
    prefix, env = prefixes.go_prefix(tmp_path / "go"), {"HOME": str(tmp_path), "PATH": "/usr/bin"}
    (tmp_path / "there").mkdir()
    stores = f"/nowhere/engines:{tmp_path}/there"
    there = refused(prefix, {**env, "GOKERNEL_SITE_STORES": stores})
    assert f"`GOKERNEL_STORE={tmp_path}/there jupyter gokernel engine build" in str(there)
    usual = str(refused(prefix, env))
    assert "`GOKERNEL_STORE=/usr/local/share/jupyter-gokernel/engines jupyter" in usual
    own = str(refused(prefix, {**env, "GOKERNEL_SITE_STORES": ""}))
    assert "Build it, or ask your administrator to: `jupyter gokernel engine build" in own
