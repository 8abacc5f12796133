"""What tests in the browser share: one account, its servers, one Chromium."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import world as worlds
from tests.browser.page import Jupyter, Opener
from tests.browser.world import World
from tests.servers import Server
from tools import system_packages

_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Pages behind others are not slowed down: several tests have one open.
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
)
_SIZE = {"width": 1280, "height": 800}


# Not the session: while Playwright runs, its event loop does, and other tests have their own.
# (A package would be the session, where a folder has no __init__.py.)
@pytest.fixture(scope="module")
def world(
    channel: Path, dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The account; in pictures it has a short path."""
    pictured = bool(os.environ.get("GOKERNEL_PICTURES"))
    folder = Path("/tmp/ada") if pictured else tmp_path_factory.mktemp("browser")
    shutil.rmtree(folder, ignore_errors=True)
    network = {k: v for k, v in os.environ.items() if k.endswith(("PROXY", "CERT_FILE", "NOSUMDB"))}
    env = {
        **network,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "GOMODCACHE": str(dev_cache / "gomodcache"),
        "GOCACHE": str(dev_cache / "gocache"),
    }
    made = worlds.make(folder, env, channel, dev_cache)
    if not pictured:
        made.remember_deep()
    yield made
    if pictured:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[dict[str, Server]]:
    """The servers by name: lab, notebook; bare, a Lab without our server part; hub, of a Hub."""
    with worlds.servers(world) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    program = system_packages.browser(os.environ)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def opener(browser: Browser, running: dict[str, Server]) -> Iterator[Opener]:
    """`opener("lab")`: a page of its own on that server; `server` where it is another one."""
    contexts = []

    def open_(kind: str, server: str = "") -> Jupyter:
        context = browser.new_context(
            viewport=_SIZE,
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        return Jupyter(kind, running[server or kind], context.new_page())

    yield open_
    for context in contexts:
        context.close()


def checked(server: Server) -> None:
    """Have everything checked: what was found for another test is no news."""
    task = server.request("POST", "/gokernel/checks", {"deep": False, "checks": []}).content
    while task["state"] in ("queued", "running"):
        time.sleep(0.05)  # the events go to browsers only
        task = server.request("GET", f"/gokernel/tasks/{task['id']}").content
    assert task["state"] == "done", task


@pytest.fixture(scope="module", params=["lab", "notebook"])
def jupyter(request: pytest.FixtureRequest, opener: Opener, world: World) -> Jupyter:
    """Lab, then Notebook 7, each with the broken environment's notebook in front."""
    world.break_goroot()
    world.without_kernel()
    world.activate(worlds.BROKEN, worlds.EMPTY)
    made = opener(request.param)
    checked(made.server)
    made.open(worlds.BROKEN)
    return made
