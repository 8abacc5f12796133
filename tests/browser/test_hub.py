"""A user's way through JupyterHub in a browser: log in, choose a Go, run a notebook."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from go_kernel.conda.create import create_environment
from tests import prefixes
from tests.browser.page import PICTURES
from tests.browser.world import ROOT, notebook
from tests.hub import hubs
from tests.hub.hubs import PASSWORD, Hub
from tools import labextension

USER = "ada"
POLICY = "https://modules.example.invalid"
_SIZE = {"width": 1280, "height": 800}
_NEWS = "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
_CELLS = [
    'import (\n    "fmt"\n    "os"\n    "runtime"\n)',
    'fmt.Println("Hello from", runtime.Version())',
    'os.Getenv("GOPROXY")',
]


@pytest.fixture(scope="module")
def hub(channel: Path, dev_cache: Path) -> Iterator[Hub]:
    """The local Hub, of two environments; in pictures it has a short path."""
    labextension.build(os.environ)
    pictured = bool(os.environ.get("GOKERNEL_PICTURES"))
    folder = Path("/tmp/hub" if pictured else tempfile.mkdtemp(prefix="gokernel-hub-"))
    shutil.rmtree(folder, ignore_errors=True)
    home = folder / "state" / "homes" / USER
    prefixes.write(home / "hello.ipynb", notebook("go-server", "go", _CELLS))
    prefixes.write(home / ".bash_profile", "PS1='ada:\\w$ '\n")
    prefixes.write(home / ".jupyter" / _NEWS, '{"fetchNews": "false", "checkForUpdates": false}')
    offered = {}
    names = {**os.environ, "RATTLER_CACHE_DIR": str(dev_cache / "rattler")}
    for version, compiler in (("1.26", "nocgo"), ("1.27", "cgo")):
        prefix = folder / "envs" / f"go-{version}"
        specs = [f"go={version}", f"go-{compiler}_linux-64"]
        create_environment(prefix, specs, [str(channel)], env=names)
        hubs.build_engine(prefix, dev_cache, folder)
        offered[f"go-{version}"] = {"prefix": str(prefix)}
    listed = prefixes.write(folder / "list.json", json.dumps({"environments": offered}))
    (folder / "engines").symlink_to(dev_cache / "engines")
    env = {
        "JUPYTER_PATH": str(ROOT / "build"),
        "GOKERNEL_STORE": str(folder / "engines"),
        "GOKERNEL_LOCAL_ENVIRONMENTS": str(listed),
        "GOKERNEL_LOCAL_SPAWNER": "simple",
    }
    more = f"c.GoSpawnerMixin.goproxy = {POLICY!r}\n"
    try:
        with hubs.running(Hub(folder, env, more)) as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page, on which each test goes on where the one before has left it."""
    context = browser.new_context(viewport=_SIZE, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


expect.set_options(timeout=60_000)


def move(page: Page, what: Locator, to: tuple[int, int]) -> None:
    """Drag something."""
    box = what.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(*to, steps=10)
    page.mouse.up()


def picture(page: Page, name: str, height: int = _SIZE["height"]) -> None:
    """Take a picture for the docs, where GOKERNEL_PICTURES asks for that."""
    if os.environ.get("GOKERNEL_PICTURES"):
        part = {"x": 0, "y": 0, "width": _SIZE["width"], "height": height}
        page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", clip=part)


def test_log_in(hub: Hub, page: Page) -> None:
    """Name and password lead to the choice of a Go, since there is one."""
    page.goto(hub.url)
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url(re.compile("/hub/spawn"))


def test_choose(page: Page) -> None:
    """The select is found by its label, and has what the administrator offers."""
    select = page.get_by_label("Go environment")
    expect(select.locator("option")).to_have_text(
        [
            "Default: Go (conda env: go-1.26)",
            "Go (conda env: go-1.26)",
            "Go (conda env: go-1.27)",
        ]
    )
    expect(select).to_have_value("")
    select.select_option("go-1.27")
    picture(page, "hub-spawn", height=320)
    page.get_by_role("button", name="Start").click()

    page.wait_for_url(re.compile(f"/user/{USER}/lab"))


def test_notebook_runs_on_it(page: Page) -> None:
    """The one kernel is called after the server; its cells run on what was chosen."""
    page.get_by_role("listitem", name=re.compile("hello.ipynb")).dblclick()
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    expect(page.locator(".jp-KernelName")).to_have_text("Go (this server)")
    expect(page.locator(".jp-gokernel-StatusButton")).to_contain_text("Go 1.27")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    expect(page.locator(".jp-OutputArea-output")).to_have_text(
        [re.compile(r"Hello from go1\.27\.3\s*"), POLICY]
    )


def test_terminal_has_the_same_go(hub: Hub, page: Page) -> None:
    """Its shell finds the notebook's Go; the text is drawn, so it is read from a file too."""
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_text("New", exact=True).hover()
    page.get_by_role("menuitem", name="Terminal", exact=True).click()
    terminal = page.locator(".jp-Terminal .xterm-screen")
    terminal.wait_for()
    terminal.click()
    page.keyboard.type("go version | tee seen\n")
    seen = hub.folder / "state" / "homes" / USER / "seen"
    end = time.monotonic() + 60
    while not (seen.exists() and seen.read_text()) and time.monotonic() < end:
        page.wait_for_timeout(50)

    assert "go1.27.3" in seen.read_text()
    # Below the notebook, as a person puts it.
    tab = page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").filter(has_text="Terminal 1")
    move(page, tab, (600, 720))


def test_panel_shows_the_hub(page: Page) -> None:
    """What the Hub set is in the panel, with who set it."""
    page.get_by_text("Hello from go1.27.3").click()  # the panel shows what is in front
    page.locator(".jp-SideBar.jp-mod-left .lm-TabBar-tab[data-id='filebrowser']").click()
    page.locator(".jp-gokernel-StatusButton").click()
    panel = page.locator("#jp-gokernel-panel")
    expect(panel).to_be_visible()
    box = panel.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] - 2, 400)
    page.mouse.down()
    page.mouse.move(640, 400, steps=5)
    page.mouse.up()
    panel.get_by_text("Variables of this kernel").click()
    row = panel.locator("tr, li, dt").filter(has_text="GOPROXY").first
    expect(row).to_contain_text("JupyterHub")
    expect(panel.get_by_text("under way")).to_have_count(0)
    panel.get_by_text("Variables of this kernel").click()  # closed again
    expect(panel).to_contain_text("This server's Go was chosen by JupyterHub: go-1.27")
    panel.get_by_text("JupyterHub sets 1 variable for kernels").click()
    expect(panel.get_by_text(POLICY).first).to_be_visible()
    picture(page, "hub-notebook")
