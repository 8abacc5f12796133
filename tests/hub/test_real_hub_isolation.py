"""Two accounts on one machine, folders by the administrator's templates: bob attacks.

Everything that he tries is tried by its owner, too: else a test would pass because of a
wrong path.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hub.client import Api, Server
from tests.hub.conftest import LIB_CELLS
from tests.hub.house import House

# Prints what of it worked, for each folder.
_TRY = """
import json, os, sys
def write(folder):
    with open(os.path.join(folder, "planted"), "x") as file: file.write("x")
    os.unlink(os.path.join(folder, "planted"))
def link(folder):
    os.symlink("/tmp", os.path.join(folder, "linked")); os.unlink(os.path.join(folder, "linked"))
def make(folder):
    os.mkdir(os.path.join(folder, "made")); os.rmdir(os.path.join(folder, "made"))
def swap(folder):
    os.rename(folder, folder + ".old"); os.rename(folder + ".old", folder)
def times(folder):
    os.utime(folder)
def chmod(folder):
    os.chmod(folder, 0o700)
ways = [os.listdir, write, link, make, swap, times, chmod]
worked = {}
for folder in sys.argv[1:]:
    worked[folder] = []
    for way in ways:
        try: way(folder)
        except OSError: continue
        worked[folder].append(way.__name__)
print(json.dumps(worked))
"""
_WAYS = {"listdir", "write", "link", "make", "swap", "times", "chmod"}
_LOOK = """
import json, os, sys
print(json.dumps([[s.st_uid, s.st_mode & 0o7777] for s in map(os.lstat, sys.argv[1:])]))
"""


@pytest.fixture(scope="module")
def carol(api: Api) -> Iterator[Server]:
    """carol, whose group has a module proxy, after she imported a module."""
    server = api.spawn("carol")
    assert server.run(*LIB_CELLS)[-1].strip() == "one"
    yield server
    api.stop("carol")


@pytest.fixture(scope="module")
def places(house: House, scratch: Path) -> list[str]:
    """All that is hers: Go's folders by template, and what is kept in her home."""
    own = house.users["carol"].home
    store = own / ".local" / "share" / "jupyter-gokernel"
    here = scratch / "carol"
    return [*map(str, [here / "gopath", here / "modules", here / "early" / "build", here, store])]


def test_bob_gets_into_nothing_of_carols(carol: Server, house: House, places: list[str]) -> None:
    """No listing, file, link, folder, exchange or change of mode; her kernel is as before."""
    bobs = house.python(_TRY, "bob", *places)
    hers = house.python(_TRY, "carol", *places)

    assert bobs == {place: [] for place in places}
    # The shared folder's sticky bit lets its owner rename her folder there, too.
    assert {place: set(ways) for place, ways in hers.items()} == dict.fromkeys(places, _WAYS)
    assert carol.run(*LIB_CELLS)[-1].strip() == "one"


def test_folders_are_hers_alone(carol: Server, house: House, places: list[str]) -> None:
    """Each of the templates' folders is 0700 and belongs to her."""
    found = house.python(_LOOK, "carol", *places[:4])

    assert found == [[house.users["carol"].uid, 0o700]] * 4


def test_bob_has_his_own(house: House, api: Api, scratch: Path, carol: Server) -> None:
    """The same import by bob, who is of no group, takes nothing of what carol fetched."""
    server = api.spawn("bob", {"go_environment": "go-1.27"})
    try:
        said = server.run(*LIB_CELLS)
    finally:
        api.stop("bob")

    assert "one" not in said[-1].split()
    assert [uid for uid, _ in house.python(_LOOK, "bob", scratch / "bob")] == [2002]


@pytest.fixture(scope="module")
def dave(api: Api) -> Iterator[Server]:
    """dave's server, of which no kernel was started yet."""
    yield api.spawn("dave")
    api.stop("dave")


_PLANT: dict[str, str] = {
    "folder": "os.mkdir(place); os.chmod(place, 0o777)",
    "deep": "os.makedirs(f'{place}/gopath/bin'); os.chmod(place, 0o777)",
    "link": "os.mkdir(f'{place}-trap', 0o777); os.symlink(f'{place}-trap', place)",
    "file": "open(place, 'w').close()",
}


@pytest.mark.parametrize("kind", _PLANT)
def test_what_bob_put_in_daves_place(kind: str, house: House, dave: Server, scratch: Path) -> None:
    """dave gets one sentence that names the place, in kernel and terminal, and nothing is made."""
    place = scratch / "dave"
    plant = f"import os, sys, json; place = sys.argv[1]; {_PLANT[kind]}; print(json.dumps(0))"
    house.python(plant, "bob", place)
    try:
        reply: Any = dave.request("POST", "/api/kernels", {"name": "go-server"})
        typed = dave.terminal("go version")
        planted = [one for one in scratch.rglob("*") if one.name in ("modules", "build")]
        own = [one for one in planted if f"{place}" in str(one)]
    finally:
        house.run(["sh", "-c", f"rm -rf {place} {place}-trap"])

    assert reply.status == 500, reply
    message = " ".join(reply.content["message"].split())  # in lines for a dialog
    assert message.startswith(f"GOPATH={place}/gopath, set by JupyterHub, can't be used, "), message
    assert "Ask JupyterHub's administrator" in message
    assert own == []
    assert f"because {place} " in typed.replace("\r\n", "")


def test_dave_works_once_that_is_gone(house: House, dave: Server, scratch: Path) -> None:
    """Nothing of it is remembered."""
    assert dave.run("1 + 1")[0] == "2"
    assert house.python(_LOOK, "dave", scratch / "dave") == [[house.users["dave"].uid, 0o700]]
