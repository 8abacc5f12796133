"""One command on one machine, by somebody who isn't root: the configuration as it is.

As root these run as one of the accounts of a house.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests import prefixes
from tests.hub import hubs
from tests.hub.client import Spawned, Visitor, choices, chosen, shown
from tests.hub.house import ROOT, House
from tests.hub.hubs import PASSWORD, Hub

SOMEBODY = "carol"
DOCS = ROOT / "docs" / "hub-walkthrough.md"
HUB_PAGE = ROOT / "docs" / "hub.md"
# What the page's example of a group names.
_BETA = """
c.GoSpawnerMixin.go_default = "go-1.26"
c.GoSpawnerMixin.go_environments["go-1.27-beta"] = {{
    "prefix": "{prefix}", "allowed_groups": ["compilers"]
}}
"""
CELLS = ('import ("fmt"; "os"; "runtime")', 'fmt.Println(runtime.Version(), os.Getenv("GOPATH"))')


@pytest.fixture(scope="module")
def simple(
    request: pytest.FixtureRequest, go_prefixes: Mapping[str, Path], dev_cache: Path
) -> Iterator[Hub]:
    """A Hub of somebody who has two environments, and a group as in docs/hub.md."""
    [groups] = re.findall(r"(?s)### Groups\n\n```python\n(.*?)```", HUB_PAGE.read_text())
    house: House | None = request.getfixturevalue("house") if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="gokernel-simple-") as temporary:
        folder = house.users[SOMEBODY].home / "simple" if house else Path(temporary)
        folder.mkdir(exist_ok=True)
        known = "\n".join(str(go_prefixes[name]) for name in ("go-1.26", "go-1.27", "broken"))
        prefixes.write(folder / ".conda" / "environments.txt", known + "\n")
        env = {} if house else {"GOKERNEL_STORE": str(dev_cache / "engines")}
        more = groups + _BETA.format(prefix=go_prefixes["go-1.27"])
        if house:
            shutil.chown(folder, house.users[SOMEBODY].uid)
        user = SOMEBODY if house else ""
        with hubs.running(Hub(folder, env, more, house=house, user=user)) as made:
            made.api.add("ada", "bo", "cy")
            yield made


def test_finds_the_environments(simple: Hub, go_prefixes: Mapping[str, Path]) -> None:
    """Those that the person's conda knows and that have a whole Go; any name logs in."""
    visitor = Visitor(simple.url)
    assert visitor.log_in("bo", PASSWORD).status == 200

    offered = choices(visitor.get("/hub/spawn/bo").content)

    default = offered.pop("")
    assert default == f"Default: {offered['go-1.26']}"
    assert len(offered) == 2
    assert all(text.startswith("Go (conda env: ") for text in offered.values())


def test_two_users_by_the_form(simple: Hub) -> None:
    """Each gets the Go that they chose on the page, in kernel and terminal."""
    api = simple.api
    visitor = Visitor(simple.url)
    visitor.log_in("ada", PASSWORD)
    first, second = "go-1.26", "go-1.27"
    assert {first, second} < choices(visitor.get("/hub/spawn/ada").content).keys()

    sent = visitor.post("/hub/spawn/ada", {"go_environment": first})
    bo = api.spawn("bo", {"go_environment": second})
    servers = [api.ready("ada"), bo]

    assert sent.status == 200
    with ThreadPoolExecutor() as pool:
        said = [answers[1].split() for answers in pool.map(lambda one: one.run(*CELLS), servers)]
        typed = [*pool.map(lambda one: one.terminal("go version"), servers)]
    assert {version for version, _ in said} == {"go1.26.6", "go1.27.3"}
    for (version, gopath), text, user in zip(said, typed, ("ada", "bo"), strict=True):
        assert f"go version {version} " in text
        assert gopath.endswith(f"/homes/{user}/go")


def test_group_has_its_default_by_the_page(simple: Hub) -> None:
    """The page as it is drawn, sent as it is: the group's Go, and no id that is stored."""
    simple.api.stop("ada")
    visitor = Visitor(simple.url)
    visitor.log_in("ada", PASSWORD)
    page = visitor.get("/hub/spawn/ada/plain").content
    assert choices(page)[""] == f"Default: {choices(page)['go-1.27-beta']}"

    sent = visitor.post("/hub/spawn/ada/plain", {"go_environment": chosen(page)})
    server = simple.api.ready("ada", "plain")

    assert sent.status == 200
    assert "go_environment" not in simple.api.state("ada", "plain")["user_options"]
    assert server.run(*CELLS)[1].split()[0] == "go1.27.3"
    simple.api.stop("ada", "plain")


def _without_chance(lines: list[str]) -> list[str]:
    """A transcript without a kernel's number, and without a server that is slow to start."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", "\n".join(lines))
    text = re.sub(r"(DELETE [^\n]*\n  )202 Accepted", r"\g<1>204 No Content", text)
    text = text.replace("202 Accepted", "201 Created")
    again = "GET /hub/api/users/ada\n  200 OK\n"
    while again * 2 in text:
        text = text.replace(again * 2, again)
    return text.splitlines()


def _client(*words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_transcript_in_the_docs(simple: Hub) -> None:
    """The scripted client prints what the docs show."""
    simple.api.stop("ada")
    transcript = r"(?s)<!-- transcript -->\n```text\n\$ python ([^\n]*)\n(.*?)```"
    found = re.search(transcript, DOCS.read_text())
    assert found is not None
    words = found[1].replace("http://127.0.0.1:8000", simple.url).replace("PASSWORD", PASSWORD)
    done = _client(*words.split())

    assert done.returncode == 0, done.stderr
    assert _without_chance(done.stdout.splitlines()) == _without_chance(found[2].splitlines())
    simple.api.stop("ada")


@pytest.mark.parametrize(
    ("password", "environment", "expected"),
    [
        (PASSWORD, "nowhere", "403 The Go environment 'nowhere' is not offered to you. Choose one"),
        (PASSWORD, "../x", "400 What was chosen as the Go environment is no id of one. Choose"),
        ("not this one", "nowhere", "403 Forbidden"),
    ],
)
def test_client_says_what_is_wrong(
    simple: Hub, password: str, environment: str, expected: str
) -> None:
    """The reply's sentence after the request that failed, and no server."""
    done = _client("examples/hub_client.py", simple.url, "cy", password, environment)

    assert done.returncode == 1
    assert done.stderr.startswith(f"  {expected}")
    assert done.stderr.count("\n") == 1
    assert not simple.api.state("cy").get("ready")


def test_broken_choice_is_said(simple: Hub) -> None:
    """On the page and over REST."""
    with pytest.raises(Spawned, match="nowhere") as raised:
        simple.api.spawn("cy", {"go_environment": "nowhere"})
    assert str(raised.value).replace("nowhere", "go-1.28") in DOCS.read_text()
    visitor = Visitor(simple.url)
    visitor.log_in("cy", PASSWORD)
    page = visitor.post("/hub/spawn/cy", {"go_environment": "nowhere"})

    assert "nowhere" in shown(page.content)


@pytest.mark.parametrize("name", ["..", ".", "root", "a/b", "-rf", "ä"])
def test_names_that_are_no_names(simple: Hub, name: str) -> None:
    """A name becomes a folder's: what can't be one doesn't log in."""
    page = Visitor(simple.url).log_in(name, PASSWORD)

    assert page.url.endswith(("/hub/login?next=%2Fhub%2Fhome", "/hub/login")), page


def test_interrupt_ends_everything(simple: Hub) -> None:
    """After Ctrl-C neither proxy nor server nor kernel is left."""
    assert simple.api.state("bo")["ready"]
    [program] = simple.processes(simple.hub)
    below = program.children(recursive=True)
    assert len(below) >= 2

    program.send_signal(signal.SIGINT)
    simple.hub.wait(60)
    simple.running.clear()

    _, alive = psutil.wait_procs(below, timeout=30)
    assert alive == []
