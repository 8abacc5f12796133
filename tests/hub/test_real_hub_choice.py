"""What a user can choose, what the Hub keeps of it, and what they read where it can't be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.hub import house
from tests.hub.client import Api, Spawned, Visitor, choices, shown
from tests.hub.hubs import PASSWORD, Hub


@pytest.fixture
def visitor(hub: Hub) -> Visitor:
    """Somebody's browser."""
    return Visitor(hub.url)


def test_page_offers_what_its_user_may_have(hub: Hub) -> None:
    """Each the entries that are for them, as text and not as HTML; first their default."""
    seen = {}
    for name in ("alice", "carol", "erin"):
        visitor = Visitor(hub.url)
        assert visitor.log_in(name, PASSWORD).status == 200
        # A named server, since another test may have left the default one running.
        page = visitor.get(f"/hub/spawn/{name}/form").content
        seen[name] = choices(page)
        if name == "alice":
            assert "&lt;new&gt;" in page
            assert "<new>" not in page

    everybody = {"go-1.26": "Go 1.26", "go-1.27": "Go 1.27 <new>"}
    assert seen["alice"] == {"": "Default: Go 1.26", **everybody}
    # The group's own, as `group_overrides` have it.
    assert seen["carol"][""] == f"Default: {seen['carol']['early']}"
    assert set(seen["carol"]) == {"", *everybody, "early"}
    assert set(seen["erin"]) == {"", *everybody, "broken"}


@pytest.mark.parametrize(
    "options",
    [
        {"go_environment": "early"},  # there is one, for others
        {"go_environment": "nowhere"},
        {"go_environment": "../../etc"},
        {"go_environment": "/opt/conda"},
        {"go_environment": "go-1.26\n"},
        {"go_environment": "go-1.26\0"},
        {"go_environment": ["go-1.26"]},
        {"go_environment": {"prefix": "/tmp"}},
        {"go_environment": 1.26},
    ],
    ids=lambda options: repr(options["go_environment"]),
)
def test_choice_that_is_not_offered(api: Api, options: Mapping[str, Any]) -> None:
    """A sentence and no server, over REST; what others have is as unknown as what nobody has."""
    reply = api.hub("POST", "/users/erin/server", options)

    assert reply.status in (400, 403), reply
    assert not api.state("erin").get("ready")
    message = reply.content["message"]
    assert "Traceback" not in message
    assert message.endswith((".", "`"))
    if options["go_environment"] in ("early", "nowhere"):
        said = message.replace(options["go_environment"], "ID")
        assert "ID" in said
        other = api.hub("POST", "/users/erin/server", {"go_environment": "not-there"})
        assert other.content["message"].replace("not-there", "ID") == said


def test_choice_that_is_not_offered_on_the_page(hub: Hub) -> None:
    """Whoever changes the form reads the same sentence there, by form and by address."""
    visitor = Visitor(hub.url)
    visitor.log_in("erin", PASSWORD)

    sent = visitor.post("/hub/spawn/erin", {"go_environment": "early"})
    asked = visitor.get("/hub/spawn/erin?go_environment=early")

    for page in (sent, asked):
        said = "The Go environment 'early' is not offered to you. Choose one of these: "
        assert said in shown(page.content)
    assert not hub.api.state("erin").get("ready")


def test_broken_environment_fails_with_its_reason(
    hub: Hub, go_prefixes: Mapping[str, Path]
) -> None:
    """The sentence names the environment: over REST, in the progress, and on the user's page."""
    with pytest.raises(Spawned) as raised:
        hub.api.spawn("erin", {"go_environment": "broken"})
    visitor = Visitor(hub.url)
    visitor.log_in("erin", PASSWORD)
    page = shown(visitor.get("/hub/spawn-pending/erin").content)

    for said in (str(raised.value), page):
        assert "The Go environment 'broken' can't be used now: " in said
        assert str(go_prefixes["broken"]) in said
        assert "Traceback" not in said


def test_restarted_hub_knows_what_runs_and_what_was_chosen(hub: Hub) -> None:
    """After kill -9 of the Hub the server goes on; the next one has the Go of the last choice."""
    api = hub.api
    before = api.spawn("bob", {"go_environment": "go-1.27"})
    pid = before.run('import ("fmt"; "os")', "fmt.Println(os.Getppid())")[1]

    hub.kill()
    hub.start()

    assert api.state("bob")["ready"]
    assert api.state("bob")["user_options"] == {"go_environment": "go-1.27"}
    after = api.server("bob").run('import ("fmt"; "os"; "runtime")', "fmt.Println(os.Getppid())")
    assert after[1] == pid
    api.stop("bob")
    again = api.spawn("bob")
    assert again.run('import "runtime"', "runtime.Version()")[1] == "go1.27.3"
    api.stop("bob")


@pytest.fixture
def by_pam(house: house.House, hub_folder: Path, hub: Hub) -> Iterator[Hub]:
    """The same configuration, with the accounts' own passwords."""
    from tests.hub import hubs

    folder = hub_folder / "pam"
    folder.mkdir()
    env = {**hub.env, "GOKERNEL_LOCAL_AUTH": "pam"}
    with hubs.running(Hub(folder, env, house=house)) as made:
        yield made


def test_accounts_log_in_with_their_own_passwords(by_pam: Hub) -> None:
    """The one switch: PAM's word counts, and nobody else's."""
    wrong = Visitor(by_pam.url).log_in("carol", PASSWORD)
    visitor = Visitor(by_pam.url)
    right = visitor.log_in("carol", house.PASSWORD)

    assert "Invalid username or password" in shown(wrong.content)
    assert right.status == 200
    assert "early" not in choices(visitor.get("/hub/spawn/carol").content)
