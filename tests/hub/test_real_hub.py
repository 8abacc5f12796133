"""A real JupyterHub with real accounts: every user their own Go, in kernels and terminals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.engines.proxy import Proxy
from tests.hub.client import Api, Server
from tests.hub.conftest import POLICY, PRIVATE

CELL = 'import ("fmt"; "os"; "os/user"; "runtime")'
WHO = "me, _ := user.Current(); fmt.Println(me.Username, runtime.Version())"


def variables(*names: str) -> str:
    """A cell that prints variables."""
    return "; ".join(f'fmt.Println(os.Getenv("{name}"))' for name in names)


def asked(server: Server, *names: str) -> list[str]:
    """What a kernel says of itself: its account and Go, then variables."""
    _, who, values = server.run(CELL, WHO, variables(*names))
    return [who.strip(), *values.splitlines()]


@pytest.fixture(scope="module")
def both(api: Api) -> Iterator[dict[str, Server]]:
    """alice with Go 1.26 and bob with Go 1.27, started at once."""
    chosen = {"alice": "go-1.26", "bob": "go-1.27"}
    with ThreadPoolExecutor() as pool:
        started = pool.map(lambda one: api.spawn(one, {"go_environment": chosen[one]}), chosen)
        yield dict(zip(chosen, started, strict=True))
        list(pool.map(api.stop, chosen))


def test_two_users_at_once_have_their_own_go(
    both: Mapping[str, Server], go_prefixes: Mapping[str, Path]
) -> None:
    """The account's own name, the version that was chosen, its GOROOT, the Hub's policy."""
    names = ("GOROOT", "GOPROXY", "GOPRIVATE", "CONDA_PREFIX")
    with ThreadPoolExecutor() as pool:
        alice, bob = pool.map(lambda user: asked(both[user], *names), both)

    old, new = go_prefixes["go-1.26"], go_prefixes["go-1.27"]
    assert alice == ["alice go1.26.6", str(old / "go"), POLICY, PRIVATE, str(old)]
    assert bob == ["bob go1.27.3", str(new / "go"), POLICY, PRIVATE, str(new)]


def test_terminals_have_the_same_go(both: Mapping[str, Server]) -> None:
    """`go` is the kernel's, also in a login shell, and the Hub's policy holds there too."""
    with ThreadPoolExecutor() as pool:
        typed = ("go version", "echo at=$GOPROXY=", "id -un")
        alice, bob = pool.map(lambda user: both[user].terminal(*typed), both)

    assert "go version go1.26.6 " in alice
    assert "go version go1.27.3 " in bob
    for shown, name in ((alice, "alice"), (bob, "bob")):
        assert f"at={POLICY}=" in shown
        assert f"\r{name}\r\n" in shown


def test_server_of_its_own_name_has_another_go(both: Mapping[str, Server], api: Api) -> None:
    """alice's second server runs Go 1.27 beside her first with Go 1.26."""
    second = api.spawn("alice", {"go_environment": "go-1.27"}, name="second")
    try:
        with ThreadPoolExecutor() as pool:
            versions = [one[0] for one in pool.map(asked, (second, both["alice"]))]
            assert versions == ["alice go1.27.3", "alice go1.26.6"]
        assert "go version go1.27.3 " in second.terminal("go version")
    finally:
        api.stop("alice", "second")


def test_group_has_its_own_policy_and_default(api: Api, module_proxy: Proxy) -> None:
    """carol, who chooses nothing, gets what the administrator set for her group."""
    server = api.spawn("carol")
    try:
        assert asked(server, "GOPROXY", "GOPRIVATE") == [
            "carol go1.27.3",
            module_proxy.url,
            PRIVATE,
        ]
        assert f"at={module_proxy.url}=" in server.terminal("echo at=$GOPROXY=")
    finally:
        api.stop("carol")


def test_one_kernel_for_all_environments(both: Mapping[str, Server]) -> None:
    """What a user sees in the launcher: one Go, called after the server and not after an id."""
    for server in both.values():
        specs = server.request("GET", "/api/kernelspecs").content["kernelspecs"]
        shown = {name: one["spec"]["display_name"] for name, one in specs.items()}
        assert shown["go-server"] == "Go (this server)"


def test_health_shows_the_hubs_policy_and_its_origin(both: Mapping[str, Server]) -> None:
    """What the panel gets: the choice, what the Hub sets, and for each variable who set it."""
    found = {one["id"]: one for one in both["bob"].checked()}
    variables = both["bob"].variables_of()

    assert found["hub.environment"]["status"] == "ok"
    assert "go-1.27" in found["hub.environment"]["evidence"]
    policy = found["hub.policy"]
    assert policy["status"] == "ok"
    assert policy["summary"].startswith("JupyterHub sets ")
    assert f"GOPROXY={POLICY}" in policy["evidence"]
    for name in ("GOPROXY", "GOPRIVATE", "GOPATH", "GOMODCACHE", "GOCACHE"):
        assert "JupyterHub" in str(variables[name]["origin"]), variables[name]
    assert "JupyterHub" not in str(variables["GOROOT"]["origin"])
